"use strict";

// Runs one invocation of a function, as Lambda's own runtime does: node lambda_bootstrap.cjs <code directory> <result fd>.
// Standard input is one line, {event, context}, and stays open for as long as the emulator lives.

const fs = require("node:fs");
const path = require("node:path");
const { format } = require("node:util");

const [codeDirectory, resultDescriptor] = process.argv.slice(2);

function finish(document) {
  fs.writeSync(Number(resultDescriptor), JSON.stringify(document));
  process.exit(0);
}

function fail(problem, errorType) {
  const error = problem instanceof Error ? problem : new Error(format(problem));
  const document = {
    errorType: errorType ?? error.name,
    errorMessage: error.message,
    trace: (error.stack ?? "").split("\n"),
  };
  console.error(errorType ? `${errorType}: ${error.message}` : error);
  finish({ error: document });
}

/** Node.js functions with JSON logs write one object for each console call. */
function logJson(requestId) {
  const levels = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...args) => {
      const line = { timestamp: new Date().toISOString(), level, requestId };
      const error = args.find((argument) => argument instanceof Error);
      if (error) {
        line.errorType = error.name;
        line.errorMessage = error.message;
        line.stackTrace = (error.stack ?? "").split("\n");
      }
      line.message = args.length === 1 && !error && typeof args[0] === "object" ? args[0] : format(...args);
      process.stdout.write(`${JSON.stringify(line)}\n`);
    };
  }
}

function load() {
  const [file, name] = process.env._HANDLER.split(".");
  let module_;
  try {
    module_ = require(path.join(codeDirectory, file));
  } catch (problem) {
    return fail(problem, problem.code === "MODULE_NOT_FOUND" ? "Runtime.ImportModuleError" : undefined);
  }
  const handler = module_[name];
  if (typeof handler !== "function") {
    return fail(new Error(`${process.env._HANDLER} is undefined or not exported`), "Runtime.HandlerNotFound");
  }
  return handler;
}

async function invoke({ event, context }) {
  if (process.env.AWS_LAMBDA_LOG_FORMAT === "JSON") {
    logJson(context.awsRequestId);
  }
  process.on("uncaughtException", (problem) => fail(problem));
  process.on("unhandledRejection", (problem) => fail(problem, "Runtime.UnhandledPromiseRejection"));
  const deadline = Date.now() + context.timeoutMs;
  const handler = load();
  try {
    const result = await new Promise((resolve, reject) => {
      const callback = (problem, value) => (problem ? reject(problem) : resolve(value));
      const returned = handler(event, { ...context, getRemainingTimeInMillis: () => deadline - Date.now() }, callback);
      if (handler.length < 3 || typeof returned?.then === "function") {
        resolve(returned);
      }
    });
    finish({ result: result ?? null });
  } catch (problem) {
    fail(problem);
  }
}

let input = "";
let started = false;
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  input += text;
  if (!started && input.endsWith("\n")) {
    started = true;
    invoke(JSON.parse(input));
  }
});
// The emulator is gone.
process.stdin.on("end", () => process.exit(1));
