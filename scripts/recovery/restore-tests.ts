import {
  type BackupClient,
  paginateListRestoreJobs,
  paginateListRestoreTestingPlans,
  type RestoreJobsListMember,
} from "@aws-sdk/client-backup";

/** How long AWS Backup's own restore tests took: the only measurement of restores that AWS makes. */
export interface RestoreTests {
  readonly region: string;
  readonly plans: readonly RestoreTestPlan[];
}

export interface RestoreTestPlan {
  readonly name: string;
  /** Newest first. */
  readonly jobs: readonly RestoreTestJob[];
}

export interface RestoreTestJob {
  /** `RDS`, `S3` and others. */
  readonly resourceType: string;
  readonly status: string;
  /** `SUCCESSFUL`, `FAILED`, `TIMED_OUT` or `VALIDATING`; null where nobody validated. */
  readonly validation: string | null;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Until it was complete; null where it is not. */
  readonly seconds: number | null;
}

/**
 * Reads the jobs of every restore testing plan of an account and region (AWS Backup API Reference, "ListRestoreTestingPlans" and
 * "ListRestoreJobs", ByRestoreTestingPlanArn).
 *
 * @throws BackupServiceException where AWS refuses
 */
export async function readRestoreTests(backup: BackupClient, region: string): Promise<RestoreTests> {
  const plans: RestoreTestPlan[] = [];
  for await (const { RestoreTestingPlans = [] } of paginateListRestoreTestingPlans({ client: backup }, {})) {
    for (const { RestoreTestingPlanName: name = "", RestoreTestingPlanArn } of RestoreTestingPlans) {
      const jobs: RestoreTestJob[] = [];
      const query = { ByRestoreTestingPlanArn: RestoreTestingPlanArn };
      for await (const { RestoreJobs = [] } of paginateListRestoreJobs({ client: backup }, query)) {
        jobs.push(...RestoreJobs.map(jobOf));
      }
      plans.push({ name, jobs: jobs.sort((a, b) => b.created.localeCompare(a.created)) });
    }
  }
  return { region, plans };
}

function jobOf(job: RestoreJobsListMember): RestoreTestJob {
  const { CreationDate = new Date(0), CompletionDate, ResourceType = "", Status = "", ValidationStatus } = job;
  return {
    resourceType: ResourceType,
    status: Status,
    validation: ValidationStatus ?? null,
    created: CreationDate.toISOString(),
    seconds: CompletionDate ? (CompletionDate.getTime() - CreationDate.getTime()) / 1000 : null,
  };
}

/** The longest completed restore of a database. */
export function longestDatabaseRestore({ plans }: RestoreTests): RestoreTestJob | undefined {
  return plans
    .flatMap(({ jobs }) => jobs)
    .filter(({ resourceType, status, seconds }) => resourceType === "RDS" && status === "COMPLETED" && seconds !== null)
    .sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))[0];
}
