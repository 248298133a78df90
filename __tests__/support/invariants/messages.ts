import type { Block, Synthesized } from "../synth";
import type { Invariant } from "./invariant";

/**
 * AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping": the queue's visibility timeout is at
 * least six times the function's, and messages are tried five times before they are dead. A batching window comes on top (the same
 * guide, "Using Lambda with Amazon SQS"): while it is open, messages are hidden already.
 */
export const messagesAreHiddenLongEnough: Invariant = (stack) =>
  stack.resources("aws_lambda_event_source_mapping").flatMap(({ address, config }) => {
    const queue = referred(stack, config.event_source_arn, "aws_sqs_queue");
    if (queue === undefined) {
      // Other sources have no visibility timeout; a queue that is not the stack's could not be looked at.
      return /\bsqs\b/.test(String(config.event_source_arn)) ? [`${address}: the queue is not of this stack`] : [];
    }
    const lambda = referred(stack, config.function_name, "aws_lambda_function");
    if (lambda === undefined) {
      return [`${address}: the function is not of this stack`];
    }
    // What AWS takes where nothing is said.
    const timeout = Number(lambda.timeout ?? 3);
    const window = Number(config.maximum_batching_window_in_seconds ?? 0);
    const hidden = Number(queue.visibility_timeout_seconds ?? 30);
    const attempts = Number(/"?maxReceiveCount"?\s*[=:]\s*(\d+)/.exec(String(queue.redrive_policy))?.[1] ?? 0);
    return [
      ...(hidden < 6 * timeout + window
        ? [`${address}: messages are hidden for ${hidden} s, not 6 x ${timeout} s and ${window} s`]
        : []),
      ...(attempts < 5 ? [`${address}: ${attempts} attempts before a message is dead`] : []),
    ];
  });

function referred(stack: Synthesized, value: unknown, type: string): Block | undefined {
  const [, address] = new RegExp(`^\\$\\{(${type}\\.\\w+)\\.\\w+\\}$`).exec(String(value)) ?? [];
  return address !== undefined && stack.has(address) ? stack.resource(address) : undefined;
}
