/**
 * A variable of the function's environment.
 * @throws Error where it is not set
 */
export function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (!value) {
    throw new Error(`the variable ${name} is not set`);
  }
  return value;
}
