/** A text of the platform in which a command begins with `aka`: the command is set apart. */
export function CommandText({ text }: { text: string }) {
  const at = text.search(/\baka [a-z]/);
  if (at === -1) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <code class="command">{text.slice(at)}</code>
    </>
  );
}
