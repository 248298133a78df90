/** A file of JSON documents, one a line, as text. */
declare module "*.ndjson" {
  const text: string;
  export default text;
}
