//! The people of a file: CSV, with a heading that names the columns. Whatever is wrong with it is said by line and column,
//! and nothing of what stands there is said again.

use std::collections::HashMap;
use std::io::{self, Read};

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;

use super::person::{Custody, Facility, Person, facilities};
use crate::search::country;

/// Largest file, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Most people of one file.
const MOST: usize = 200_000;
/// Longest name, of a person or of a facility, in characters.
const LONGEST: usize = 100;

/// What the heading may name. The first five must be there.
const COLUMNS: [&str; 7] = [
    "first_name",
    "last_name",
    "alien_number",
    "country_of_birth",
    "date_of_birth",
    "status",
    "facility",
];
const REQUIRED: usize = 5;

/// What is wrong with a file of people.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is larger than any list of people that is taken.
    #[error("larger than 64 MiB")]
    TooLarge,
    /// It has more lines than are taken.
    #[error("line {line}: more than 200000 people")]
    TooMany {
        /// The first that is too many.
        line: u64,
    },
    /// There is nobody in it.
    #[error("there is nobody in it: after the heading, write one person a line")]
    Empty,
    /// Its heading does not name what is needed.
    #[error(
        "line 1: no column {column}; the heading names first_name, last_name, alien_number, country_of_birth, date_of_birth and, if wanted, status and facility"
    )]
    NoColumn {
        /// The one that is missing.
        column: &'static str,
    },
    /// Its heading names what is not known, or names it twice.
    #[error(
        "line 1: column {number} is not one of first_name, last_name, alien_number, country_of_birth, date_of_birth, status, facility, or is there twice"
    )]
    UnknownColumn {
        /// Which from the left, from 1.
        number: usize,
    },
    /// A line is no CSV, or has more or fewer fields than the heading.
    #[error("line {line}: {what}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A value is none that is taken.
    #[error("line {line}, column {column}: {what}")]
    Value {
        /// Which, from 1.
        line: u64,
        /// Where in it.
        column: &'static str,
        /// What is wanted instead.
        what: String,
    },
}

/// Reads everybody, and the places where they are held.
pub fn read(file: impl Read) -> Result<(Vec<Person>, Vec<Facility>), FileError> {
    let mut bounded = file.take(LARGEST + 1);
    let mut reader = ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(&mut bounded);
    let read = people(&mut reader);
    drop(reader);
    // A file that was cut off here may have been wrong there only.
    if bounded.limit() == 0 {
        return Err(FileError::TooLarge);
    }
    read
}

fn people<R: Read>(reader: &mut csv::Reader<R>) -> Result<(Vec<Person>, Vec<Facility>), FileError> {
    let columns = columns(reader.headers().map_err(no_csv)?)?;
    let mut people = Vec::new();
    let mut places = Places::new();
    let mut lines: HashMap<u32, u64> = HashMap::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(no_csv)? {
        let line = record.position().map_or(0, csv::Position::line);
        if people.len() == MOST {
            return Err(FileError::TooMany { line });
        }
        let entry = Entry {
            columns: &columns,
            record: &record,
            line,
        };
        let person = entry.person(&mut places)?;
        if let Some(before) = lines.insert(person.number, line) {
            return Err(entry.error(ALIEN_NUMBER, format!("is on line {before} already")));
        }
        people.push(person);
    }
    if people.is_empty() {
        return Err(FileError::Empty);
    }
    Ok((people, places.list))
}

/// Where in a record each column is.
type Columns = [Option<usize>; COLUMNS.len()];

const FIRST_NAME: usize = 0;
const LAST_NAME: usize = 1;
const ALIEN_NUMBER: usize = 2;
const COUNTRY_OF_BIRTH: usize = 3;
const DATE_OF_BIRTH: usize = 4;
const STATUS: usize = 5;
const FACILITY: usize = 6;

fn columns(heading: &StringRecord) -> Result<Columns, FileError> {
    let mut columns = [None; COLUMNS.len()];
    for (place, name) in heading.iter().enumerate() {
        // What programs for tables put before the first word of a file.
        let name = name.trim_start_matches('\u{feff}');
        let known = COLUMNS.iter().position(|column| *column == name);
        match known.and_then(|known| columns.get_mut(known)) {
            Some(column @ None) => *column = Some(place),
            _ => return Err(FileError::UnknownColumn { number: place + 1 }),
        }
    }
    let found = COLUMNS.iter().zip(&columns).take(REQUIRED);
    match found.into_iter().find(|(_, place)| place.is_none()) {
        Some((column, _)) => Err(FileError::NoColumn { column }),
        None => Ok(columns),
    }
}

fn no_csv(error: csv::Error) -> FileError {
    let line = |position: Option<&csv::Position>| position.map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => FileError::Unreadable(error),
        csv::ErrorKind::Utf8 { pos, .. } => FileError::Line {
            line: line(pos.as_ref()),
            what: "is not UTF-8",
        },
        csv::ErrorKind::UnequalLengths { pos, .. } => FileError::Line {
            line: line(pos.as_ref()),
            what: "has more or fewer fields than the heading; a field with a comma in it needs quotes",
        },
        _ => FileError::Line {
            line: 1,
            what: "is no CSV",
        },
    }
}

/// One line.
struct Entry<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    line: u64,
}

impl Entry<'_> {
    fn person(&self, places: &mut Places) -> Result<Person, FileError> {
        let held = match self.get(STATUS) {
            "" | "in_custody" => true,
            "released" => false,
            _ => return Err(self.error(STATUS, "write in_custody or released")),
        };
        let facility = self.get(FACILITY);
        let custody = match (held, facility.is_empty()) {
            (true, true) => Custody::Held(None),
            (true, false) => Custody::Held(Some(places.place(self.text(FACILITY)?))),
            (false, true) => Custody::Released,
            (false, false) => {
                let what = "leave it empty: who is released is not held anywhere";
                return Err(self.error(FACILITY, what));
            }
        };
        Ok(Person {
            first_name: self.name(FIRST_NAME)?.into(),
            last_name: self.name(LAST_NAME)?.into(),
            number: self.number()?,
            country: country::parse(self.get(COUNTRY_OF_BIRTH)).map_err(|_| {
                let what = "write a country's name in English or Spanish, or its ISO code";
                self.error(COUNTRY_OF_BIRTH, what)
            })?,
            date_of_birth: self.date_of_birth()?,
            custody,
        })
    }

    fn get(&self, column: usize) -> &str {
        let place = self.columns.get(column).copied().flatten();
        place
            .and_then(|place| self.record.get(place))
            .unwrap_or_default()
    }

    fn text(&self, column: usize) -> Result<&str, FileError> {
        let text = self.get(column);
        if text.chars().count() > LONGEST {
            return Err(self.error(column, format!("longer than {LONGEST} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(self.error(column, "has control characters in it"));
        }
        Ok(text)
    }

    fn name(&self, column: usize) -> Result<&str, FileError> {
        let name = self.text(column)?;
        if name.is_empty() {
            return Err(self.error(column, "must not be empty"));
        }
        Ok(name)
    }

    fn number(&self) -> Result<u32, FileError> {
        let number = self.get(ALIEN_NUMBER);
        let digits = number.len() == 9 && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits);
        number.ok_or_else(|| self.error(ALIEN_NUMBER, "write nine digits and nothing else"))
    }

    fn date_of_birth(&self) -> Result<Date, FileError> {
        let text = self.get(DATE_OF_BIRTH);
        let date: Option<Date> = text.parse().ok();
        // Dates can be written in more ways than the site shows.
        date.filter(|date| date.to_string() == text)
            .ok_or_else(|| self.error(DATE_OF_BIRTH, "write YYYY-MM-DD"))
    }

    fn error(&self, column: usize, what: impl Into<String>) -> FileError {
        FileError::Value {
            line: self.line,
            column: COLUMNS.get(column).copied().unwrap_or_default(),
            what: what.into(),
        }
    }
}

/// Facilities, each once.
struct Places {
    list: Vec<Facility>,
    known: HashMap<Box<str>, u32>,
}

impl Places {
    fn new() -> Self {
        let list = facilities();
        let known = (0..)
            .zip(&list)
            .map(|(place, one)| (one.name.clone(), place));
        let known = known.collect();
        Self { list, known }
    }

    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.known.get(name) {
            return *place;
        }
        // There are no more of them than people.
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.known.insert(name.into(), place);
        self.list.push(Facility {
            name: name.into(),
            phone: "",
        });
        place
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADING: &str =
        "first_name,last_name,alien_number,country_of_birth,date_of_birth,status,facility";

    fn text(file: &str) -> Result<(Vec<Person>, Vec<Facility>), FileError> {
        read(file.as_bytes())
    }

    fn error(file: impl AsRef<[u8]>) -> String {
        match read(file.as_ref()) {
            Ok(_) => panic!("was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn people_are_read_with_their_places_in_any_order_of_columns() {
        let (people, places) = text(&format!(
            "{HEADING}\n\
            Ana,Ejemplo Prueba,900000001,guatemala,1990-05-15,in_custody,Sample Ridge Residential Center (invented)\n\
            \"Jose, Luis\", Muestra ,000000002,México,1985-01-02,,Somewhere else\n\
            Rosa,Libre,000000003,HT,2020-02-29,released,\n\
            Rosa,Libre,000000004,HT,2020-02-29,,Somewhere else\n"
        ))
        .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(people.len(), 4);
        assert!(&*people[1].first_name == "Jose, Luis" && &*people[1].last_name == "Muestra");
        assert!(people[0].country == "Guatemala" && people[1].country == "Mexico");
        assert!(people[0].number == 900_000_001 && people[1].number == 2);
        assert!(people[0].custody == Custody::Held(Some(2)));
        assert!(people[1].custody == Custody::Held(Some(4)));
        assert!(people[2].custody == Custody::Released);
        assert!(people[3].custody == people[1].custody && places.len() == 5);
        assert!(&*places[4].name == "Somewhere else" && places[4].phone.is_empty());

        let turned = "\u{feff}date_of_birth,country_of_birth,alien_number,last_name,first_name\r\n1990-05-15,gt,900000001,Ejemplo,Ana\r\n";
        let (people, _) = text(turned).unwrap_or_else(|error| panic!("{error}"));
        assert!(&*people[0].first_name == "Ana" && people[0].custody == Custody::Held(None));
    }

    #[test]
    fn every_wrong_value_is_named_by_line_and_column_and_not_repeated() {
        for (line, column) in [
            ("   ,Ejemplo,900000002,Guatemala,1990-05-15,,", "first_name"),
            ("Ana,,900000002,Guatemala,1990-05-15,,", "last_name"),
            (
                "Ana,Eje\u{7}mplo,900000002,Guatemala,1990-05-15,,",
                "last_name",
            ),
            (
                "Ana,\"Eje\nmplo\",900000002,Guatemala,1990-05-15,,",
                "last_name",
            ),
            (
                "Ana,Ejemplo,90000002,Guatemala,1990-05-15,,",
                "alien_number",
            ),
            (
                "Ana,Ejemplo,A90000002,Guatemala,1990-05-15,,",
                "alien_number",
            ),
            (
                "Ana,Ejemplo,+90000002,Guatemala,1990-05-15,,",
                "alien_number",
            ),
            (
                "Ana,Ejemplo,900000001,Guatemala,1990-05-15,,",
                "alien_number",
            ),
            (
                "Ana,Ejemplo,900000002,Atlantis,1990-05-15,,",
                "country_of_birth",
            ),
            (
                "Ana,Ejemplo,900000002,Guatemala,15.5.1990,,",
                "date_of_birth",
            ),
            (
                "Ana,Ejemplo,900000002,Guatemala,1990-02-30,,",
                "date_of_birth",
            ),
            (
                "Ana,Ejemplo,900000002,Guatemala,19900515,,",
                "date_of_birth",
            ),
            ("Ana,Ejemplo,900000002,Guatemala,,,", "date_of_birth"),
            ("Ana,Ejemplo,900000002,Guatemala,1990-05-15,free,", "status"),
            (
                "Ana,Ejemplo,900000002,Guatemala,1990-05-15,released,Somewhere",
                "facility",
            ),
        ] {
            let good = "Ana,Ejemplo,900000001,Guatemala,1990-05-15,,";
            let says = error(format!("{HEADING}\n{good}\n{line}\n"));
            assert!(
                says.starts_with(&format!("line 3, column {column}: ")),
                "{line}: {says}"
            );
            for value in ["Ana", "Ejemplo", "Atlantis", "900000002", "1990"] {
                assert!(!says.contains(value), "{says}");
            }
        }
        let long = "x".repeat(LONGEST + 1);
        let says = error(format!(
            "{HEADING}\n{long},Ejemplo,900000001,gt,1990-05-15,,\n"
        ));
        assert!(
            says.starts_with("line 2, column first_name: longer than 100"),
            "{says}"
        );
    }

    #[test]
    fn a_file_that_is_no_list_of_people_says_so() {
        for (file, says) in [
            ("", "line 1: no column first_name"),
            (HEADING, "nobody"),
            (
                "first_name,last_name\nAna,Ejemplo",
                "line 1: no column alien_number",
            ),
            ("first_name,last_name,first_name\n", "line 1: column 3"),
            ("first_name,age\n", "line 1: column 2"),
            ("{\"people\": []}", "line 1: column 1"),
        ] {
            let error = error(file);
            assert!(error.contains(says), "{file}: {error}");
        }
        let short = format!("{HEADING}\nAna,Ejemplo\n");
        assert!(error(&short).starts_with("line 2: has more or fewer fields"));
        let latin = [
            HEADING.as_bytes(),
            b"\nAna,Pe\xf1a,900000001,gt,1990-05-15,,\n",
        ]
        .concat();
        assert_eq!(error(latin), "line 2: is not UTF-8");
        assert!(error(b"\x00\x01\xff\xfe").starts_with("line 1: "));
    }

    #[test]
    fn a_file_without_end_is_read_to_its_bound_only() {
        let endless = io::repeat(b'x');
        let error = read(endless).err().unwrap();
        assert!(matches!(error, FileError::TooLarge), "{error}");
        let line = "Ana,Ejemplo,900000001,gt,1990-05-15,,\n";
        let lines = (0..=MOST).map(|number| line.replace("900000001", &format!("{number:09}")));
        let many = format!("{HEADING}\n{}", lines.collect::<String>());
        let says = self::error(many);
        assert_eq!(says, "line 200002: more than 200000 people");
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(file in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&file[..]);
            let _ = read(&[HEADING.as_bytes(), b"\n", &file].concat()[..]);
        }

        #[test]
        fn no_line_makes_it_panic(line in "[A-Za-z0-9,\"\\PC\n -]{0,120}") {
            let _ = text(&format!("{HEADING}\n{line}"));
        }
    }
}
