/** What the API's container, its load balancer and its checks agree on. */

/** TCP port on which the container listens, from the guide. */
export const apiPort = 3001;

/** Path that answers 200 while the API is healthy, from the guide. */
export const apiHealthPath = "/api/health";

/** The API's container in its task definition. */
export const apiContainer = "api";

/** The container that migrates the database, in a task definition of its own. */
export const migrationsContainer = "migrations";
