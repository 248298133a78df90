import { Fn } from "cdktf";

/** `repository:tag`, or `repository@sha256:digest` where the tag is a digest. */
export function imageReference(repositoryUrl: string, tag: string): string {
  return Fn.join("", [repositoryUrl, Fn.conditional(Fn.startswith(tag, "sha256:"), "@", ":"), tag]);
}
