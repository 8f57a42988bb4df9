//! The people of a site that has no file: a fixed few that tests and documents name, and a crowd that follows from the seed.
//! All of them are invented.

use jiff::Span;
use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::person::{Custody, Person};

/// Most people of a crowd.
pub const LARGEST_CROWD: u32 = 100_000;
/// The crowd's numbers begin here, this far apart.
const NUMBERS: (u32, u32) = (800_000_000, 997);
/// How many facilities the people of the crowd are spread over.
const PLACES: u32 = 4;

/// Given names, surnames, number, country, date of birth.
type Named = (&'static str, &'static str, u32, &'static str, Date);

/// The fixed few. The site knows no accents, like the real one, but for one whose name is a nuisance.
#[rustfmt::skip]
const NAMED: [Named; 10] = [
    ("Ana Lucia", "Ejemplo Prueba", 900_000_001, "Guatemala", Date::constant(1990, 5, 15)),
    ("Jose", "Muestra Garcia", 900_000_002, "Honduras", Date::constant(1985, 1, 2)),
    // Two of the same name and country, told apart by their birth dates only.
    ("Maria", "Muestra", 900_000_003, "Mexico", Date::constant(1979, 11, 30)),
    ("Maria", "Muestra", 900_000_004, "Mexico", Date::constant(1992, 3, 8)),
    ("Jean", "Exemple", 900_000_005, "Haiti", Date::constant(1988, 7, 21)),
    ("Pedro", "O'Muster", 900_000_006, "El Salvador", Date::constant(1995, 12, 12)),
    ("Wei", "Beispiel", 777, "China", Date::constant(1983, 9, 9)),
    ("Rosa", "Libre", RELEASED, "Honduras", Date::constant(1991, 6, 4)),
    ("Zoë \"Zed\"", "O'Muster-<i>Ñandú</i> & Co", 900_000_008, "El Salvador", Date::constant(1970, 1, 1)),
    // A child until the summer of 2042: never shown before.
    ("Nina", "Menor Ejemplo", 900_000_009, "Guatemala", Date::constant(2024, 6, 1)),
];
/// Who was released within the last 60 days.
const RELEASED: u32 = 900_000_007;
/// More of one name than fit on two pages: given name, surname, how many, first number.
const NAMESAKES: (&str, &str, u32, u32) = ("Maria", "Paginas", 23, 900_000_101);

const FIRST: [&str; 48] = [
    "Alma", "Alonso", "Amparo", "Arturo", "Blanca", "Bruno", "Camilo", "Celia", "Dario", "Delia",
    "Diego", "Elena", "Emilio", "Estela", "Fabian", "Fausto", "Flor", "Gloria", "Gustavo",
    "Hector", "Hilda", "Ines", "Isidro", "Ivonne", "Jacinto", "Josue", "Julio", "Karla", "Lidia",
    "Lorenzo", "Luis", "Marcos", "Mirna", "Nelson", "Norma", "Olga", "Oscar", "Paola", "Ramiro",
    "Raquel", "Rosalba", "Saul", "Sonia", "Teodoro", "Ursula", "Vilma", "Wendy", "Yesenia",
];
const LAST: [&str; 40] = [
    "Alias",
    "Anonimo",
    "Apuntes",
    "Bocetos",
    "Boceto",
    "Borrador",
    "Calcado",
    "Caracter",
    "Cuento",
    "De la Fabula",
    "De la Prosa",
    "Del Relato",
    "Dibujado",
    "Ensayo",
    "Esbozo",
    "Escrito",
    "Fabulado",
    "Ficticio",
    "Figurado",
    "Fingido",
    "Folio",
    "Fulano",
    "Guion",
    "Imaginario",
    "Inventado",
    "Leyenda",
    "Maqueta",
    "Mengano",
    "Modelo",
    "Molde",
    "Novela",
    "Papel",
    "Parrafo",
    "Patron",
    "Perengano",
    "Personaje",
    "Supuesto",
    "Teatro",
    "Verso",
    "Zutano",
];
const COUNTRIES: [&str; 12] = [
    "Guatemala",
    "Honduras",
    "Mexico",
    "El Salvador",
    "Colombia",
    "Ecuador",
    "Venezuela",
    "Haiti",
    "Nicaragua",
    "Peru",
    "Cuba",
    "Dominican Republic",
];

/// Everybody, with a crowd of so many. The same people for the same seed, so that any replica and any test knows them.
pub fn all(seed: u64, crowd: u32) -> Vec<Person> {
    let mut random = StdRng::seed_from_u64(seed);
    let crowd = (0..crowd.min(LARGEST_CROWD)).map(|index| stranger(&mut random, index));
    named().chain(namesakes()).chain(crowd).collect()
}

fn named() -> impl Iterator<Item = Person> {
    (0..)
        .zip(NAMED)
        .map(|(index, (first, last, number, country, born))| {
            let custody = if number == RELEASED {
                Custody::Released
            } else {
                Custody::Held(Some(index % PLACES))
            };
            person(first, last, number, country, born, custody)
        })
}

fn namesakes() -> impl Iterator<Item = Person> {
    let (first, last, count, number) = NAMESAKES;
    (0..count).map(move |index| {
        let born = Date::constant(1960, 2, 3).saturating_add(Span::new().months(17 * index));
        let custody = Custody::Held(Some(index % PLACES));
        person(first, last, number + index, "Mexico", born, custody)
    })
}

/// Somebody of the crowd, written down as clerks write people down.
fn stranger(random: &mut StdRng, index: u32) -> Person {
    let mut pick = |of: &[&'static str]| of.choose(random).copied().unwrap_or_default();
    let (first, second) = (pick(&FIRST), pick(&FIRST));
    let (father, mother) = (pick(&LAST), pick(&LAST));
    let country = pick(&COUNTRIES);
    let first_name = if random.random_bool(0.4) && first != second {
        format!("{first} {second}")
    } else {
        first.to_owned()
    };
    let last_name = match random.random_range(0..10) {
        0..2 => father.to_owned(),
        2 => format!("{father}-{mother}"),
        _ => format!("{father} {mother}"),
    };
    let born =
        Date::constant(1950, 1, 1).saturating_add(Span::new().days(random.random_range(0..20_000)));
    let custody = if random.random_bool(0.05) {
        Custody::Released
    } else {
        Custody::Held(Some(random.random_range(0..PLACES)))
    };
    let number = NUMBERS.0 + index * NUMBERS.1;
    person(&first_name, &last_name, number, country, born, custody)
}

fn person(
    first: &str,
    last: &str,
    number: u32,
    country: &'static str,
    date_of_birth: Date,
    custody: Custody,
) -> Person {
    Person {
        first_name: first.into(),
        last_name: last.into(),
        number,
        country,
        date_of_birth,
        custody,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::person::{facilities, today};
    use super::*;
    use crate::search::country;

    #[test]
    fn everybody_has_a_number_of_their_own_and_a_country_and_the_crowd_is_grown_up() {
        for seed in [0, 7] {
            let people = all(seed, 3_000);
            let numbers: BTreeSet<u32> = people.iter().map(|person| person.number).collect();
            assert_eq!(numbers.len(), people.len());
            let children = people.iter().filter(|person| !person.is_adult(today()));
            assert!(children.map(|child| child.number).eq([900_000_009]));
            for person in &people {
                assert!(person.number < 1_000_000_000);
                assert_eq!(country::parse(person.country), Ok(person.country));
            }
        }
        assert_eq!(facilities().len(), PLACES as usize);
    }

    #[test]
    fn a_seed_always_gives_the_same_people_and_another_seed_others() {
        let names = |seed| -> Vec<String> {
            let name = |person: Person| format!("{} {}", person.first_name, person.last_name);
            all(seed, 100).into_iter().map(name).collect()
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert_eq!(names(1)[..NAMED.len()], names(2)[..NAMED.len()]);
    }

    #[test]
    fn a_larger_crowd_begins_with_the_smaller_one_and_has_an_end() {
        let numbers = |crowd| -> Vec<u32> {
            let people = all(3, crowd).into_iter();
            people.map(|person| person.number).collect()
        };
        let (few, many) = (numbers(10), numbers(1_000));
        assert_eq!(few[..], many[..few.len()]);
        let most = numbers(u32::MAX);
        assert_eq!(most.len() - few.len(), LARGEST_CROWD as usize - 10);
        assert!(most.iter().all(|number| *number < 1_000_000_000));
    }
}
