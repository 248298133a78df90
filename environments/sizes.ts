import type { Size } from "./environment";
import type { SizeName } from "./sections/size";

/**
 * The guide's sizes ("Monthly Cost Estimates"): Fargate tasks, RDS and ElastiCache classes, Multi-AZ and the
 * Elasticsearch class are its own. It names no node counts, volumes, master types, replicas or enterprise classes; those are
 * ours, the smallest that three zones and AWS's volume limits allow, and double the large ones for enterprise. Price classes
 * are ours too: the documented distribution has none, which is PriceClass_All. So are the budgets: one and a half times the guide's
 * totals of 567, 2,715, 9,700 and 25,000 USD, because its tables leave out the load balancer, NAT gateways, Logstash, master nodes,
 * keys and secrets; rounded, and at least 1,000.
 */
const small: Size = {
  apiDesiredCount: 2,
  apiMaximumCount: 4,
  databaseInstanceClass: "db.t3.medium",
  databaseMultiAz: false,
  databaseReadReplicas: 0,
  redisNodeType: "cache.t3.micro",
  elasticsearchInstanceType: "t3.medium.elasticsearch",
  elasticsearchInstanceCount: 3,
  elasticsearchMasterInstanceType: "t3.small.elasticsearch",
  elasticsearchVolumeSizeGiB: 50,
  priceClass: "PriceClass_100",
  monthlyBudgetUsd: 1000,
};

const medium: Size = {
  apiDesiredCount: 5,
  apiMaximumCount: 10,
  databaseInstanceClass: "db.r5.large",
  databaseMultiAz: true,
  databaseReadReplicas: 0,
  redisNodeType: "cache.r5.large",
  elasticsearchInstanceType: "r5.large.elasticsearch",
  elasticsearchInstanceCount: 3,
  elasticsearchMasterInstanceType: "t3.medium.elasticsearch",
  elasticsearchVolumeSizeGiB: 200,
  priceClass: "PriceClass_200",
  monthlyBudgetUsd: 4000,
};

const large: Size = {
  apiDesiredCount: 10,
  apiMaximumCount: 30,
  databaseInstanceClass: "db.r5.xlarge",
  databaseMultiAz: true,
  databaseReadReplicas: 1,
  redisNodeType: "cache.r5.xlarge",
  elasticsearchInstanceType: "r5.xlarge.elasticsearch",
  elasticsearchInstanceCount: 3,
  elasticsearchMasterInstanceType: "m5.large.elasticsearch",
  elasticsearchVolumeSizeGiB: 500,
  priceClass: "PriceClass_All",
  monthlyBudgetUsd: 15000,
};

const enterprise: Size = {
  apiDesiredCount: 20,
  apiMaximumCount: 60,
  databaseInstanceClass: "db.r5.2xlarge",
  databaseMultiAz: true,
  databaseReadReplicas: 2,
  redisNodeType: "cache.r5.2xlarge",
  elasticsearchInstanceType: "r5.2xlarge.elasticsearch",
  elasticsearchInstanceCount: 6,
  elasticsearchMasterInstanceType: "m5.large.elasticsearch",
  elasticsearchVolumeSizeGiB: 1000,
  priceClass: "PriceClass_All",
  monthlyBudgetUsd: 38000,
};

export const sizes: Readonly<Record<SizeName, Size>> = { small, medium, large, enterprise };
