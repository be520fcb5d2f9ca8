let changes = 0;

/** Keeps in mind that a change was asked for, until it is answered. */
export async function underWay<Result>(change: Promise<Result>): Promise<Result> {
  changes += 1;
  try {
    return await change;
  } finally {
    changes -= 1;
  }
}

/** Whether a change was asked for that is not answered yet: who stops waiting doesn't know what becomes of it. */
export function isUnderWay(): boolean {
  return changes > 0;
}
