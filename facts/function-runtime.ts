/**
 * Major version of Node.js that functions run on in AWS, and that they are bundled for. It is the newest that the provider
 * accepts (hashicorp/aws 5.100.0: nodejs22.x). AWS supports it until 30 April 2027 (AWS Lambda Developer Guide, "Lambda
 * runtimes").
 */
export const functionNodeMajor = 22;
