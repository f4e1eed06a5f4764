"use strict";
// What runs a Node.js function in its process: loads the handler, answers invocations over a channel of its own.
// Run by file: `node bootstrap.js CHANNEL`. Names, messages and order follow AWS's own runtime client for Node.js.
//
// Between invocations the process waits in a read that blocks, so that timers stand still, as on AWS.

const fs = require("fs");
const path = require("path");
const util = require("util");
const { pathToFileURL } = require("url");
const { ResponseStream, STREAMING } = require("./response_stream.js");

const channel = Number(process.argv[2]);
const task = process.env.LAMBDA_TASK_ROOT;
const sdkIsThere = fs.existsSync(path.join(path.dirname(task), "node_modules"));
const json = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const GOES_ON = "\x1e\n"; // At the end of a line that goes on in the next: one event of the log, not two.

let requestId = "";

// ---- The channel: the length of a header, the header in JSON, as many bytes as it says.

function patiently(operation) {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function writeAll(descriptor, bytes) {
  for (let done = 0; done < bytes.length; ) {
    done += patiently(() => fs.writeSync(descriptor, bytes, done));
  }
}

function read(size) {
  const bytes = Buffer.alloc(size);
  for (let done = 0; done < size; ) {
    const more = patiently(() => fs.readSync(channel, bytes, done, size - done, null));
    if (more === 0) process.reallyExit(0); // The local AWS has ended.
    done += more;
  }
  return bytes;
}

function receive() {
  const header = JSON.parse(read(read(4).readUInt32BE(0)).toString());
  return { header, body: read(header.size) };
}

function send(kind, body, leaving = false) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body || "");
  const memory = process.resourceUsage().maxRSS * 1024;
  const header = Buffer.from(JSON.stringify({ kind, size: bytes.length, memory, leaving }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length, 0);
  writeAll(channel, Buffer.concat([length, header, bytes]));
}

// ---- The log

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

function logEvent(text) {
  writeAll(1, Buffer.from(text.replace(/\n/g, GOES_ON) + "\n"));
}

function replaceError(_key, value) {
  if (!(value instanceof Error)) return value;
  const known = { errorType: value.constructor.name, errorMessage: value.message };
  return Object.assign(known, { stackTrace: String(value.stack).split("\n") }, value);
}

function logged(level, values) {
  const timestamp = new Date().toISOString();
  if (!json) return `${timestamp}\t${requestId || undefined}\t${level}\t${util.format(...values)}`;
  const fields = { timestamp, level, requestId: requestId || undefined };
  fields.message = values.length === 1 ? values[0] : util.format(...values);
  const error = values.length > 1 && values.find((value) => value instanceof Error);
  if (error) Object.assign(fields, replaceError("", error));
  try {
    return JSON.stringify(fields, replaceError);
  } catch {
    return JSON.stringify({ ...fields, message: util.format(...values) });
  }
}

function setUpConsole() {
  const least = Math.max(0, LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || "").toUpperCase()));
  for (const level of LEVELS) {
    const silent = LEVELS.indexOf(level) < least;
    console[level.toLowerCase()] = silent ? () => {} : (...values) => logEvent(logged(level, values));
  }
  console.log = console.info;
}

// ---- Errors

function shown(text) {
  const opt = path.join(path.dirname(task), "opt");
  const known = String(text).replaceAll(__filename, "/var/runtime/index.mjs");
  return known.replaceAll(task, "/var/task").replaceAll(opt, "/opt");
}

class RuntimeError extends Error {
  constructor(name, cause) {
    super(shown(cause instanceof Error && name.endsWith("SyntaxError") ? cause : cause.message || cause));
    this.name = `Runtime.${name}`;
    if (cause instanceof Error) this.stack = `${this.name}: ${this.message}\n${String(cause.stack)}`;
  }
}

function errorOf(error) {
  try {
    if (util.types.isNativeError(error) || (error && error.name && error.message && error.stack)) {
      const trace = shown(error.stack).split("\n").filter((line) => !line.includes("/var/runtime/index.mjs:"));
      return { errorType: error.name, errorMessage: error.message, trace };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    const errorMessage = "callback called with Error argument, but there was a problem while retrieving one or " +
      "more of its message, name, and stack";
    return { errorType: "handled", errorMessage, trace: [] };
  }
}

function logError(what, error) {
  const { errorType, errorMessage, trace } = errorOf(error);
  if (json) return console.error(error instanceof Error ? error : new Error(String(error)));
  const own = error instanceof Error ? { ...error } : {};
  logEvent(logged("ERROR", [`${what} \t${stringify({ errorType, errorMessage, ...own, stack: trace })}`]));
}

function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return util.inspect(value);
  }
}

// ---- Loading

function isModuleFolder(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = path.join(at, "package.json");
    if (fs.existsSync(file)) {
      try {
        return JSON.parse(fs.readFileSync(file, "utf8")).type === "module";
      } catch {
        return false;
      }
    }
    if (at === task || at === path.dirname(at)) return false;
  }
}

async function loadModule(name) {
  const file = path.resolve(task, name);
  if (fs.existsSync(file) && fs.statSync(file).isFile()) return require(file);
  const isModule = isModuleFolder(path.dirname(file));
  const typed = Number(process.versions.node.split(".")[0]) >= 24 ? [".ts", ".mts", ".cts"] : [];
  for (const extension of [".js", ".mjs", ".cjs", ...typed]) {
    if (!fs.existsSync(file + extension)) continue;
    const asModule = extension[1] === "m" || (isModule && extension[1] !== "c");
    return asModule ? await import(pathToFileURL(file + extension).href) : require(file + extension);
  }
  return require(require.resolve(name, { paths: [task, path.dirname(file)] }));
}

const NO_SDK = /(?:Cannot find (?:module|package)) '(@aws-sdk\/[^']+|@smithy\/[^']+|aws-sdk[^']*)'/;

function explained(error) {
  const found = NO_SDK.exec(error.message || "");
  if (!found) return error;
  const major = Number((/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV) || [])[1]);
  if (found[1].startsWith("aws-sdk") || major < 18) {
    error.message += "\nThe local AWS has the AWS SDK v3 for nodejs18.x and later, and no v2: add it to the package.";
  } else if (!sdkIsThere) {
    error.message += "\nThe AWS SDK v3 is not installed for the local AWS: with npm on the PATH, " +
      "run `treino local up`.";
  } else {
    error.message += "\nThe local AWS has the clients most used: add this one to the package.";
  }
  return error;
}

async function load(handler) {
  if (handler.includes("..")) {
    const rest = "is not a valid handler name. Use absolute paths when specifying root directories in handler names.";
    throw new RuntimeError("MalformedHandlerName", `'${handler}' ${rest}`);
  }
  const base = path.basename(handler);
  const dot = base.indexOf(".");
  if (dot < 0) throw new RuntimeError("MalformedHandlerName", "Bad handler");
  let loaded;
  try {
    loaded = await loadModule(path.join(path.dirname(handler), base.slice(0, dot)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("UserCodeSyntaxError", error);
    const missing = error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND");
    if (missing) throw new RuntimeError("ImportModuleError", importError(explained(error)));
    throw error;
  }
  const find = (from) => base.slice(dot + 1).split(".").reduce((object, key) => object && object[key], from);
  const found = find(loaded) || find(loaded.default);
  if (!found) throw new RuntimeError("HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new RuntimeError("HandlerNotFound", `${handler} is not a function`);
  if (found.length >= 3 && !found[STREAMING] && /nodejs(2[4-9]|[3-9]\d)/.test(process.env.AWS_EXECUTION_ENV)) {
    const words = "nodejs24.x and later take no handlers with a callback: make the handler async";
    throw new RuntimeError("CallbackHandlerDeprecated", words);
  }
  return found;
}

function importError(error) {
  const named = new Error(`Error: ${error.message}`);
  named.stack = error.stack;
  return named;
}

// ---- Invocations

let onEmptyLoop = null;
process.on("beforeExit", () => {
  const next = onEmptyLoop;
  onEmptyLoop = null;
  if (next) next();
});

function next() {
  setImmediate(once);
}

function contextOf(header) {
  const { env } = process;
  return {
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: header.arn,
    awsRequestId: header.id,
    clientContext: header.client_context || undefined,
    identity: undefined,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, header.deadline_ms - Date.now()),
  };
}

function isPromise(value) {
  return Boolean(value) && typeof value.then === "function";
}

function fail(error) {
  onEmptyLoop = null;
  logError("Invoke Error", error);
  send("error", stringify(errorOf(error)));
  next();
}

function succeed(value) {
  onEmptyLoop = null;
  let body;
  try {
    body = JSON.stringify(value === undefined ? null : value);
  } catch {
    return fail(new Error("Unable to stringify response body"));
  }
  send("result", body === undefined ? "null" : body);
  next();
}

function once() {
  const { header, body } = receive();
  requestId = header.id;
  for (const [name, value] of Object.entries(header.environment)) {
    if (value === null) delete process.env[name];
    else process.env[name] = value;
  }
  const context = contextOf(header);
  let finished = false;
  const first = (action) => (...values) => {
    if (finished) return;
    finished = true;
    action(...values);
  };
  const done = (error, value) => (error === undefined || error === null ? succeed(value) : fail(error));
  context.done = first(done);
  context.succeed = first(succeed);
  context.fail = first((error) => fail(error === undefined || error === null ? "handled" : error));
  uncaught = first(fail);
  if (handler[STREAMING]) return stream(body, context, first);
  const callback = first((error, value) => {
    if ((error !== undefined && error !== null) || !context.callbackWaitsForEmptyEventLoop) return done(error, value);
    onEmptyLoop = () => setImmediate(() => succeed(value));
  });
  const isAsync = handler.constructor.name === "AsyncFunction";
  onEmptyLoop = first(() => (isAsync ? fail(unsettled()) : succeed(null)));
  try {
    const result = handler(JSON.parse(body.toString()), context, callback);
    if (isPromise(result)) result.then(context.succeed, context.fail);
  } catch (error) {
    context.fail(error);
  }
}

function unsettled() {
  const error = new Error("The handler's promise was never settled: nothing was left that could settle it.");
  error.name = "Runtime.NodeJsExit";
  return error;
}

function stream(body, context, first) {
  const response = new ResponseStream();
  const failed = first(fail);
  onEmptyLoop = () => failed(new Error("Response stream is not finished."));
  let result;
  try {
    result = handler(JSON.parse(body.toString()), response, context);
  } catch (error) {
    return failed(error);
  }
  if (!isPromise(result)) return failed("Streaming does not support non-async handlers.");
  const answered = first(() => {
    onEmptyLoop = null;
    send("result", Buffer.concat(response.chunks));
    next();
  });
  response.on("error", failed);
  result.then(() => (response.writableFinished ? answered() : response.on("finish", answered)), failed);
}

let handler = null;
let uncaught = null;

function leave(what, error, code) {
  if (uncaught) {
    logError(what, error);
    send("error", stringify(errorOf(error)), true);
  } else {
    initFailed(error);
  }
  process.exit(code);
}

process.on("uncaughtException", (error) => leave("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => {
  const error = new Error(reason instanceof Error ? String(reason) : String(reason));
  error.name = "Runtime.UnhandledPromiseRejection";
  if (reason instanceof Error) error.stack = `${error.name}: ${error.message}\n${reason.stack}`;
  leave("Unhandled Promise Rejection", error, 128);
});

function initFailed(error) {
  logError("Uncaught Exception", error);
  send("init_error", stringify(errorOf(error)));
}

setUpConsole();
// Of this machine's Node.js, not of the function's runtime.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes("NodeVersionSupportWarning")) emitWarning(warning, ...rest);
};
load(process.env._HANDLER).then(
  (loaded) => {
    handler = loaded;
    send("ready");
    next();
  },
  (error) => {
    initFailed(error);
    process.exit(1);
  },
);
