// Tickets in the order they came, each pointing to the next: an array that they outgrow stays behind in the old generation, and
// keeps those who stood in it, and what they hold, for the scavenger to copy.

type Linked<T> = { next?: T | undefined };

export class TicketQueue<Ticket extends Linked<Ticket>> {
  length = 0;
  #first: Ticket | undefined;
  #last: Ticket | undefined;

  push(ticket: Ticket): void {
    if (this.#last === undefined) this.#first = ticket;
    else this.#last.next = ticket;
    this.#last = ticket;
    this.length += 1;
  }

  shift(): Ticket | undefined {
    const ticket = this.#first;
    if (ticket === undefined) return undefined;
    this.#first = ticket.next;
    ticket.next = undefined; // what has gone must not hold those who have not
    if (this.#first === undefined) this.#last = undefined;
    this.length -= 1;
    return ticket;
  }

  /** Takes out those that `matches`. */
  remove(matches: (ticket: Ticket) => boolean): Ticket[] {
    const removed: Ticket[] = [];
    for (let left = this.length; left > 0; left -= 1) {
      const ticket = this.shift();
      if (ticket === undefined) break;
      if (matches(ticket)) removed.push(ticket);
      else this.push(ticket);
    }
    return removed;
  }
}
