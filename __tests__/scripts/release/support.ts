import type { Clients } from "../../../scripts/release/clients";

/** Answers by operation; a function is called each time, an Error is thrown. */
export type Answers = Readonly<Record<string, unknown>>;

export interface FakeClients extends Clients {
  /** In order. */
  readonly calls: readonly (readonly [operation: string, members: Readonly<Record<string, unknown>>])[];
}

/** AWS's error of this name. */
export function awsError(name: string, message = "no"): Error {
  return Object.assign(new Error(message), { name });
}

/** Stands for AWS; what is not answered is an empty answer. */
export function fakeClients(answers: Answers): FakeClients {
  const calls: [string, Readonly<Record<string, unknown>>][] = [];
  const client = {
    send: async (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      const operation = command.constructor.name.replace(/Command$/, "");
      calls.push([operation, command.input]);
      const answer = answers[operation];
      const value = typeof answer === "function" ? answer(command.input) : (answer ?? {});
      if (value instanceof Error) {
        throw value;
      }
      return value;
    },
  } as never;
  return { ecs: client, ecr: () => client, logs: client, ssm: client, sts: client, calls };
}
