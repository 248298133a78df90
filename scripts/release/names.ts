import { apiContainer, migrationsContainer } from "../../facts/api";
import { logstashContainer } from "../../facts/logstash";
import {
  apiImageParameter,
  apiName,
  clusterName,
  logstashName,
  migrationsName,
  migrationsNetworkParameter,
} from "../../facts/names";

/** A service of ECS; the family of its task definitions has its name. */
export interface ServiceNames {
  readonly cluster: string;
  readonly service: string;
  /** The container whose image is the service's own. */
  readonly container: string;
}

/** What an environment calls the parts of its API. */
export interface ApiNames extends ServiceNames {
  /** Family of the task that migrates the database, from the same image. */
  readonly migrations: string;
  readonly migrationsContainer: string;
  /** SSM parameter: tag or digest of the image. */
  readonly parameter: string;
  /** SSM parameter: subnets and security groups of the migrations. */
  readonly networkParameter: string;
}

export function apiNames(prefix: string): ApiNames {
  return {
    cluster: clusterName(prefix),
    service: apiName(prefix),
    container: apiContainer,
    migrations: migrationsName(prefix),
    migrationsContainer,
    parameter: apiImageParameter(prefix),
    networkParameter: migrationsNetworkParameter(prefix),
  };
}

export function logstashNames(prefix: string): ServiceNames {
  return { cluster: clusterName(prefix), service: logstashName(prefix), container: logstashContainer };
}
