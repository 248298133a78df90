import { AccessanalyzerAnalyzer } from "@cdktf/provider-aws/lib/accessanalyzer-analyzer";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface AccessAnalyzerProps {
  readonly origin: SingletonOrigin;
  readonly name: string;
}

/**
 * IAM Access Analyzer: finds what of the account somebody outside of it can reach. It costs nothing: only the analysis of unused
 * access is paid for (AWS IAM Access Analyzer, pricing).
 *
 * A region has one analyzer of external access: an apply that creates a second ends with ServiceQuotaExceededException, or with
 * ConflictException where it has the same name.
 * Source: IAM User Guide, "Using IAM Access Analyzer" and "IAM Access Analyzer quotas".
 */
export class AccessAnalyzer extends Construct {
  constructor(scope: Construct, id: string, { origin, name }: AccessAnalyzerProps) {
    super(scope, id);
    const analyzer = new AccessanalyzerAnalyzer(this, "aws_accessanalyzer_analyzer.skymanuals", {
      analyzerName: name,
      type: "ACCOUNT",
      tags: { Name: name },
    });
    if (origin === "adopt") {
      new Import(this, analyzer, name);
    }
  }
}
