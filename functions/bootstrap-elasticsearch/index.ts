import { logStoreName } from "../../facts/elasticsearch";
import savedObjects from "../../kibana/skymanuals.ndjson";
import template from "../../logstash/templates/skymanuals-template.json";
import { bootstrap, type Request, type Result } from "./bootstrap";
import { HttpDomain, signer } from "./domain";

/** Of one request, at most: most domains' policies hold within a minute. */
const patience = { seconds: 180, intervalSeconds: 5 };

export async function handler({ endpoint, ...request }: Request & { readonly endpoint: string }): Promise<Result> {
  const domain = new HttpDomain(`https://${endpoint}`, signer(process.env));
  const content = { name: logStoreName, template, savedObjects };
  const result = await bootstrap(request, content, domain, patience);
  console.log(result);
  return result;
}
