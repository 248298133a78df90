import type { EmulatorSummary } from "./emulator";

/** One line for each request that the emulator refused, could not answer, or had a doubt about, and for each message that was lost. */
export function formatFindings({ refused, unimplemented, unknownEnums, undelivered }: EmulatorSummary): string[] {
  return [
    ...refused.map(
      ({ service, operation, parameter, rule, value }) =>
        `  refused: ${service}.${operation}: ${parameter}: ${rule} (got ${JSON.stringify(value)})`,
    ),
    ...unimplemented.map((operation) => `  not implemented by the emulator: ${operation}`),
    ...unknownEnums.map(
      ({ service, operation, parameter, value }) =>
        `  value unknown to the API model: ${service}.${operation}: ${parameter}: ${JSON.stringify(value)}`,
    ),
    ...undelivered.map(({ source, target, reason }) => `  message lost: from ${source} to ${target}: ${reason}`),
  ];
}
