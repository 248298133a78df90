import type { NotConverging } from "../terraform/convergence";

/** The whole list: any other difference in a second plan fails the run. */
export const notConverging: readonly NotConverging[] = [];
