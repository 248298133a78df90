/** The `send` of a client that gives these answers one after another, of which errors are thrown, and keeps the commands. */
export function answering(answers: readonly unknown[]) {
  const commands: { readonly input: unknown }[] = [];
  const rest = [...answers];
  const send = async (command: { readonly input: unknown }) => {
    commands.push(command);
    const answer = rest.shift();
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  return { commands, send };
}
