import { lastTime, parseSchedule } from "../../../environments/validation/schedules";
import type { Check } from "../check";

/**
 * No scaling window is over. Source: Amazon EC2 Auto Scaling API Reference, PutScheduledUpdateGroupAction ("if you try to schedule
 * your action in the past, ... returns an error message"); the reference of PutScheduledAction, Application Auto Scaling's own,
 * does not say. A window that is open was scheduled in time, or is refused now.
 */
export const scalingWindows: Check = {
  name: "scaling windows",
  asks: [],
  run: async ({ environment: { api, name }, now }) => ({
    findings: api.scheduledScaling.flatMap(({ name: window, start, end, timezone }, index) => {
      const isOver = (text: string) => {
        const schedule = parseSchedule(text);
        const last = typeof schedule === "string" ? undefined : lastTime(schedule, timezone);
        return last !== undefined && last <= now.getTime();
      };
      const over = Object.entries({ start, end }).filter(([, text]) => isOver(text));
      if (over.length === 0) {
        return [];
      }
      const isOpen = over.length === 1;
      const fix = `remove the window from environments/${name}.ts, or name later times`;
      return [
        {
          severity: isOpen ? ("warning" as const) : ("error" as const),
          what: `api.scheduledScaling[${index}], ${window}`,
          got: `over at ${now.toISOString()}: ${over.map(([field, text]) => `${field} ${text}`).join(", ")} in ${timezone}`,
          needed: "times to come: Application Auto Scaling refuses to schedule what is over",
          fix: isOpen ? `leave it as it is until its end, unless it is new: ${fix}` : fix,
        },
      ];
    }),
  }),
};
