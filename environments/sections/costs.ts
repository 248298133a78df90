import { email } from "../validation/forms";
import { flag, orNull, pattern, record } from "../validation/rules";
import { amountUsd } from "./budget";

const monitorArnForm = "null, or arn:aws:ce::<account id>:anomalymonitor/<id>";

export const costs = record({
  /** Where the anomalies of a day go. AWS sends no confirmation first. */
  email,
  /** USD that an anomaly has cost at least before it is reported. */
  anomalyUsd: amountUsd(),
  /**
   * The monitor of the account's services, of which it has one: null creates it; where `aws ce get-anomaly-monitors` finds one of type
   * DIMENSIONAL, such as Default-Services-Monitor, its ARN.
   */
  monitorArn: orNull(
    pattern(
      monitorArnForm,
      /^arn:aws:ce::\d{12}:anomalymonitor\/[0-9a-f-]{1,64}$/,
      "copy MonitorArn of aws ce get-anomaly-monitors",
    ),
    monitorArnForm,
  ),
  /**
   * true activates the tags Project and Environment for cost allocation. The account that pays does, and only a day after resources
   * first carried them.
   */
  activateTags: flag,
});
