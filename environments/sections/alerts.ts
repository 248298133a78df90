import { email } from "../validation/forms";
import { record } from "../validation/rules";

export const alerts = record({
  /** Where alarms go on which operations act at once, by day and by night: an address that wakes somebody. */
  pageEmail: email,
  /** Where alarms go that can wait for the next working day. */
  ticketEmail: email,
});
