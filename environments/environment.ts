export type { Account, Environment } from "./schema";
export type { Adopted } from "./sections/adopted";
export type { Backend, CloudBackend } from "./sections/backend";
export type { RecoveryPrimary, RecoveryStandby } from "./sections/recovery";
export type { Size } from "./sections/size";
