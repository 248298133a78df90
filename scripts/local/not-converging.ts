/** A difference that a second plan on the emulator always shows. */
export interface NotConverging {
  /** Full address, with index. */
  readonly address: string;
  /** Path of the attribute, such as `tags.Name`. */
  readonly attribute: string;
  readonly reason: string;
}

/** The whole list: any other difference in a second plan fails the run. */
export const notConverging: readonly NotConverging[] = [];
