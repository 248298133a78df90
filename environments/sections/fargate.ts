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
export const fargatePair: CrossRule<{ readonly cpu: number; readonly memoryMiB: number }> = {
  reads: ["cpu", "memoryMiB"],
  find: ({ cpu: units, memoryMiB: memory }) => {
    const fitting = fargateMemoryMiB[units] ?? [];
    const nearest = fitting.reduce(
      (best, each) => (Math.abs(each - memory) < Math.abs(best - memory) ? each : best),
      fitting[0] ?? 0,
    );
    const otherCpu = cpuUnits.filter((each) => fargateMemoryMiB[each]?.includes(memory));
    return (
      !fitting.includes(memory) && {
        path: ["memoryMiB"],
        allowed: `with cpu ${units}: ${describeMemory(fitting)}`,
        fix: `use memoryMiB ${nearest}${otherCpu.length > 0 ? `, or cpu ${otherCpu.join(" or ")}` : ""}`,
      }
    );
  },
};

function describeMemory(values: readonly number[]): string {
  if (values.length <= 3) {
    return `${values.join(", ")} MiB`;
  }
  const [first = 0, second = 0] = values;
  return `${first} to ${values.at(-1)} MiB in steps of ${second - first}`;
}
