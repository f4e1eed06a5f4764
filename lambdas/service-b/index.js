// The transformation: what ServiceA made, in capitals.

exports.handler = async ({ message, services }) => {
  const transformed = message.toUpperCase();
  console.log(`ServiceB made: ${transformed}`);
  return { message: transformed, services: [...services, "ServiceB"] };
};
