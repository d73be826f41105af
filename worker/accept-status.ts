// Which statuses a request takes for success: codes and ranges, `200-399,404`. Pure.

/** `ranges` has been checked at submission. */
export const acceptsStatus = (ranges: string, status: number): boolean =>
  ranges.split(',').some((range) => {
    const [first = '', last = first] = range.split('-');
    return Number(first) <= status && status <= Number(last);
  });
