import { DescribeImagesCommand } from "@aws-sdk/client-ecr";
import type { Clients } from "./clients";
import { tagOf } from "./task-definitions";

export type ImageAnswer =
  | { readonly state: "found"; readonly digest: string; readonly pushedAt: Date | undefined }
  | { readonly state: "missing"; readonly reason: string }
  /** It may be there: another registry, or one that may not be asked. */
  | { readonly state: "unknown"; readonly reason: string };

const ecrImage = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)[:@]/;

/**
 * Whether an image is in ECR, by its tag or digest.
 *
 * @throws Error where ECR fails otherwise than by a denial
 */
export async function findImage({ ecr }: Pick<Clients, "ecr">, image: string): Promise<ImageAnswer> {
  const [, registryId, region, repositoryName] = ecrImage.exec(image) ?? [];
  const tag = tagOf(image);
  if (!registryId || !region || !repositoryName || !tag) {
    return { state: "unknown", reason: `${image} is in no registry of ECR` };
  }
  const imageId = tag.startsWith("sha256:") ? { imageDigest: tag } : { imageTag: tag };
  try {
    const { imageDetails = [] } = await ecr(region).send(
      new DescribeImagesCommand({ registryId, repositoryName, imageIds: [imageId] }),
    );
    const [details] = imageDetails;
    return details
      ? { state: "found", digest: details.imageDigest ?? "", pushedAt: details.imagePushedAt }
      : { state: "missing", reason: `the repository ${repositoryName} has no image ${tag}` };
  } catch (error) {
    const { name, message } = error as Error;
    switch (name) {
      case "ImageNotFoundException":
        return { state: "missing", reason: `the repository ${repositoryName} has no image ${tag}` };
      case "RepositoryNotFoundException":
        return { state: "missing", reason: `account ${registryId} has no repository ${repositoryName} in ${region}` };
      case "AccessDeniedException":
        return { state: "unknown", reason: message };
      default:
        throw error;
    }
  }
}
