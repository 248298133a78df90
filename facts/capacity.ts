/** What the platform needs at its largest, and what AWS gives: addresses of subnets, connections of a database, seconds of a function. */

/**
 * Connections of each API task: DATABASE_POOL_SIZE of the guide.
 */
export const databasePoolSize = 20;

/** While a rolling deployment replaces the tasks of a service there are twice as many (its maximum healthy percent is 200). */
export const deploymentFactor = 2;

/**
 * Connections of a database that the API cannot have: 3 of PostgreSQL's superuser, 2 of RDS's, 5 for the bootstrap and people,
 * and a pool for the task that migrates the database.
 */
const otherConnections = 3 + 2 + 5 + databasePoolSize;

export const maximumConnections = 5000;
const bytesPerConnection = 9_531_392;
const databaseShare = 0.9;

export const connectionsPerGiB = (databaseShare * 2 ** 30) / bytesPerConnection;

/**
 * Connections that a database of so much memory takes: LEAST({DBInstanceClassMemory/9531392}, 5000), of which RDS and the
 * operating system take their memory first; a tenth is left for them.
 * Source: Amazon RDS User Guide, "Quotas and constraints for Amazon RDS", maximum number of database connections.
 */
export function databaseConnections(memoryGiB: number): number {
  return Math.min(maximumConnections, Math.floor(memoryGiB * connectionsPerGiB));
}

/** Memory in GiB of a database that takes so many connections. */
export function memoryGiBFor(connections: number): number {
  return connections > maximumConnections
    ? Number.POSITIVE_INFINITY
    : (connections * bytesPerConnection) / (databaseShare * 2 ** 30);
}

/** Connections of so many API tasks, in a deployment, and of all others. */
export function connectionsNeeded(apiTasks: number): number {
  return deploymentFactor * apiTasks * databasePoolSize + otherConnections;
}

/** API tasks that so many connections are enough for; 0 or less: for none. */
export function tasksWithin(connections: number): number {
  return Math.floor((connections - otherConnections) / (deploymentFactor * databasePoolSize));
}

/** The first four addresses of a subnet and its last one are AWS's. Source: Amazon VPC User Guide, "Subnet sizing". */
const reservedAddresses = 5;

/** Addresses of a subnet that can be used. */
export function usableAddresses(prefix: number): number {
  return 2 ** (32 - prefix) - reservedAddresses;
}

/** What lies in the private subnets. */
export interface PrivateSubnetLoad {
  readonly zones: number;
  readonly interfaceEndpoints: number;
  /** Of the API, at most. */
  readonly apiTasks: number;
  readonly elasticsearchDataNodes: number;
  readonly elasticsearchMasters: number;
  /** Primary, standby and read replicas. */
  readonly databases: number;
}

/** Logstash's task, which a deployment doubles, and the one that migrates the database. */
const otherTasks = 3;

/** A cache has a node in two of the zones, and one more while it is replaced. */
const cacheNodesInASubnet = 2;

/** Lambda makes an interface for each security group and subnet: those of the bootstrap, the cache check and the custody functions. */
const functionInterfaces = 3;

/** Tasks are spread evenly as far as zones have room, and a load balancer in these subnets keeps as many free to grow. */
const spareAddresses = 8;

/** Addresses that each private subnet needs beside the data nodes of the log store. */
function besidesDataNodes(load: PrivateSubnetLoad): number {
  const spread = (count: number) => Math.ceil(count / load.zones);
  return (
    load.interfaceEndpoints +
    spread(deploymentFactor * load.apiTasks + otherTasks) +
    // Changes of the domain make new ones beside the old.
    spread(2 * load.elasticsearchMasters) +
    spread(load.databases) +
    cacheNodesInASubnet +
    functionInterfaces +
    spareAddresses
  );
}

/**
 * Addresses that each private subnet needs at most: in a deployment, while the log store is changed.
 * Sources: Amazon OpenSearch Service Developer Guide, "Reserving IP addresses in a VPC subnet" (three times the data nodes,
 * divided by the zones); AWS Lambda Developer Guide, "Hyperplane ENIs".
 */
export function privateAddressesNeeded(load: PrivateSubnetLoad): number {
  return besidesDataNodes(load) + Math.ceil((3 * load.elasticsearchDataNodes) / load.zones);
}

/** Data nodes that the private subnets of this prefix length have addresses for. */
export function dataNodesWithin(prefix: number, load: PrivateSubnetLoad): number {
  return Math.max(0, Math.floor(((usableAddresses(prefix) - besidesDataNodes(load)) * load.zones) / 3));
}

/** API tasks that the private subnets of this prefix length have addresses for. */
export function apiTasksWithin(prefix: number, load: PrivateSubnetLoad): number {
  const room =
    usableAddresses(prefix) - privateAddressesNeeded({ ...load, apiTasks: 0 }) + Math.ceil(otherTasks / load.zones);
  return Math.max(0, Math.floor((room * load.zones - otherTasks) / deploymentFactor));
}

/**
 * The largest chunk that a record may have the digest of, in MiB: what the function that records reads in some 26 of its 60 seconds, at
 * 40 MB a second.
 */
export const largestChunkMiB = 1024;

/** Chunks of at most so many MiB that the function takes at once, of which it reads every byte: 1 to 10. */
export function chunksInABatch(maximumChunkMiB: number): number {
  return Math.max(1, Math.min(10, Math.floor(largestChunkMiB / maximumChunkMiB)));
}
