// Leaves moves out of a story that goes wrong, as long as it goes wrong without them. The first number is its mood, and stays.

export const shorten = async (
  story: readonly number[],
  isWrong: (story: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> => {
  let shortest = story;
  for (let size = Math.ceil(story.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 1; at < shortest.length;) {
      const shorter = shortest.toSpliced(at, size);
      if (await isWrong(shorter)) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
};
