import { fargateMemoryMiB } from "../../facts/aws-limits";
import { type CrossRule, integer, oneOf } from "../validation/rules";

const cpuUnits = Object.keys(fargateMemoryMiB).map(Number);
const memories = Object.values(fargateMemoryMiB).flat();

export const cpu = oneOf(cpuUnits);
export const memoryMiB = integer(
  Math.min(...memories),
  Math.max(...memories),
  () => "a memory in MiB that Fargate pairs with cpu",
);

/** Fargate takes this memory with this number of CPU units. */
export const fargatePair = fargatePairFrom(0);

/** As `fargatePair`, with at least so many MiB for the program that runs in it. */
export function fargatePairFrom(
  minimumMiB: number,
  program = "",
): CrossRule<{ readonly cpu: number; readonly memoryMiB: number }> {
  const memoriesOf = (units: number) => (fargateMemoryMiB[units] ?? []).filter((memory) => memory >= minimumMiB);
  return {
    reads: ["cpu", "memoryMiB"],
    find: ({ cpu: units, memoryMiB: memory }) => {
      const fitting = memoriesOf(units);
      const nearest = fitting.reduce(
        (best, each) => (Math.abs(each - memory) < Math.abs(best - memory) ? each : best),
        fitting[0] ?? 0,
      );
      const otherCpu = cpuUnits.filter((each) => memoriesOf(each).includes(memory));
      const tooLittle = memory < minimumMiB ? `; ${program} does not run in less than ${minimumMiB}` : "";
      return (
        !fitting.includes(memory) && {
          path: ["memoryMiB"],
          allowed: `with cpu ${units}: ${describeMemory(fitting)}${tooLittle}`,
          fix: `use memoryMiB ${nearest}${otherCpu.length > 0 ? `, or cpu ${otherCpu.join(" or ")}` : ""}`,
        }
      );
    },
  };
}

function describeMemory(values: readonly number[]): string {
  if (values.length <= 3) {
    return `${values.join(", ")} MiB`;
  }
  const [first = 0, second = 0] = values;
  return `${first} to ${values.at(-1)} MiB in steps of ${second - first}`;
}
