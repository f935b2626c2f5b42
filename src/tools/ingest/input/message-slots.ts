const FORMS = ['£#', '$#', '€#', '# pounds', '# euros', '# dollars', '# quid', '#EUR', 'USD #'];

const amounts = (numbers: readonly string[]): string[] =>
  numbers.flatMap((number) => FORMS.map((form) => form.replace('#', number)));

/** The values a slot of a template can take; none is part of another's beginning where two slots meet. */
export const SLOTS: Readonly<Record<string, readonly string[]>> = {
  amount: amounts(
    '25 30 45.50 60 75 89.99 110 120 150 180 225 250 320 400 475 600 750 999 1,250 2000'.split(' '),
  ),
  small: amounts('1 1.50 2 2.75 3 4.20 5 10 15 20'.split(' ')),
  age: ['15', '16', '17', '18', '19', 'sixteen', 'seventeen'],
  currency:
    'pounds,euros,US dollars,Swiss francs,yen,zloty,Swedish kronor,Danish kroner,koruna,forints,lira,rupees,rand'.split(
      ',',
    ),
  city: 'Leeds,Lisbon,Porto,Cardiff,Berlin,Cork,Malmo,Turin,Lyon,Ghent,Krakow,Vilnius,Athens,Oslo,Brno,Graz'.split(
    ',',
  ),
  country:
    'Spain,Ireland,Norway,Poland,Greece,Canada,Japan,Kenya,Brazil,India,Portugal,Austria,Croatia,Malta,Chile'.split(
      ',',
    ),
  month: 'January,February,March,April,May,June,July,August,September,October,November,December'.split(','),
  day: [
    ...['yesterday', 'this morning', 'last night', 'last weekend', 'on Monday', 'on Tuesday', 'on Wednesday'],
    ...['on Thursday', 'on Friday', 'on Saturday', 'two days ago', 'a week ago', 'on the 3rd', 'on the 28th'],
  ],
  soon: ['today', 'tonight', 'tomorrow', 'next week', 'on Sunday', 'right now', 'at the weekend'],
  wait: [
    'three days',
    'five working days',
    'a week',
    'ten days',
    'two weeks',
    '48 hours',
    'almost a month',
    'ages',
  ],
  merchant: [
    ...[
      'The bakery',
      'The supermarket',
      'The petrol station',
      'The bookshop',
      'The pharmacy',
      'The car park',
    ],
    ...['My gym', 'My dentist', 'My hairdresser', 'A hotel', 'A taxi', 'A shoe shop', 'A garden centre'],
    ...[
      'An online shop',
      'An airline',
      'A streaming site',
      'A furniture shop',
      'The toll booth',
      'The museum',
    ],
  ],
  person: [
    ...['My sister', 'My brother', 'My mum', 'My dad', 'My landlord', 'My flatmate', 'My boss', 'My son'],
    ...['My daughter', 'A friend', 'A colleague', 'My wife', 'My husband', 'My nephew', 'My builder'],
  ],
  device: [
    ...['My phone', 'My new phone', 'My iPhone', 'My old Android', 'My tablet', 'My watch', 'My work phone'],
    ...['My Pixel', 'My iPad', 'My second phone', 'My Samsung', 'My company phone'],
  ],
  bill: [
    'the rent',
    'gas',
    'council tax',
    'broadband',
    'insurance',
    'the gym',
    'water',
    'electricity',
    'a loan',
  ],
  document: ['passport', 'driving licence', 'residence permit', 'identity card', 'visa', 'birth certificate'],
};

/** Before a message. None is the beginning of another or of a template. */
export const OPENINGS: readonly string[] = [
  ...['Hi. ', 'Hi there! ', 'Hello. ', 'Hello team, ', 'Good morning. ', 'Good evening. ', 'Hey! ', 'Help! '],
  ...['Quick question. ', 'Sorry to bother you. ', 'Me again. ', 'Urgent: ', 'Dear support, '],
];

/** After a message. None is the end of another or of a template. */
export const CLOSINGS: readonly string[] = [
  ...[
    ' Thanks.',
    ' Thank you!',
    ' Please help.',
    ' Any ideas?',
    ' Cheers.',
    ' What should I do?',
    ' Please advise.',
  ],
  ...[' Many thanks in advance.', ' I need this sorted soon.', ' This is annoying!', ' Sort it out.', ' Ta!'],
];

/** How people in a hurry spell. */
export const MISSPELLINGS: Readonly<Record<string, string>> = {
  account: 'acount',
  because: 'becuase',
  cannot: 'cant',
  declined: 'declind',
  please: 'pls',
  transfer: 'tranfer',
  'does not': 'doesnt',
  'did not': 'didnt',
  withdrawal: 'withdrawl',
  automatically: 'automaticaly',
  you: 'u',
};
