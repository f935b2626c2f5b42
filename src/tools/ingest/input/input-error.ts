import { UserError } from '../../user-error.ts';

/** Where in the input a fault lies: `line` counts from 1, `column` is a CSV column's or JSON field's name. */
export interface InputPlace {
  file?: string;
  line?: number | undefined;
  column?: string;
}

/** The user's input cannot be used. The message says where, what is wrong and what to do; it quotes no text. */
export class InputError extends UserError {
  override readonly name = 'InputError';
  readonly place: InputPlace;

  constructor(fault: string, place: InputPlace = {}, options?: ErrorOptions) {
    const where = [
      place.file,
      place.line === undefined ? undefined : `line ${place.line}`,
      place.column === undefined ? undefined : `column ${JSON.stringify(place.column)}`,
    ].filter((part) => part !== undefined);
    super(where.length === 0 ? fault : `${where.join(', ')}: ${fault}`, options);
    this.place = place;
  }
}
