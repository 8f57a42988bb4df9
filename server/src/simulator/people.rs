//! The people of the site: a fixed few that tests and documents name, and a crowd. All of them are invented.

/// Somebody invented.
pub struct Person {
    /// Given names, as the site spells them.
    pub first_name: String,
    /// Surnames, as the site spells them.
    pub last_name: String,
    /// Nine digits.
    pub number: String,
    /// English name of the country of birth.
    pub country: &'static str,
    /// YYYY-MM-DD.
    pub date_of_birth: String,
    /// Where they are held.
    pub facility: &'static Facility,
}

/// An invented place with a telephone number from the range kept for fiction.
pub struct Facility {
    /// What it is called.
    pub name: &'static str,
    /// 555-01xx.
    pub phone: &'static str,
}

const FACILITIES: [Facility; 4] = [
    Facility {
        name: "Muster Valley Processing Center (invented)",
        phone: "(202) 555-0141",
    },
    Facility {
        name: "Ejemplo County Detention Center (invented)",
        phone: "(202) 555-0152",
    },
    Facility {
        name: "Sample Ridge Residential Center (invented)",
        phone: "(202) 555-0163",
    },
    Facility {
        name: "Placeholder Springs Service Center (invented)",
        phone: "(202) 555-0174",
    },
];

/// First name, surname, number, country, date of birth.
const NAMED: [(&str, &str, &str, &str, &str); 7] = [
    (
        "Ana Lucia",
        "Ejemplo Prueba",
        "900000001",
        "Guatemala",
        "1990-05-15",
    ),
    (
        "Jose",
        "Muestra Garcia",
        "900000002",
        "Honduras",
        "1985-01-02",
    ),
    // Two of the same name and country, told apart by their birth dates only.
    ("Maria", "Muestra", "900000003", "Mexico", "1979-11-30"),
    ("Maria", "Muestra", "900000004", "Mexico", "1992-03-08"),
    ("Jean", "Exemple", "900000005", "Haiti", "1988-07-21"),
    (
        "Pedro",
        "O'Muster",
        "900000006",
        "El Salvador",
        "1995-12-12",
    ),
    ("Wei", "Beispiel", "000000777", "China", "1983-09-09"),
];

const FIRST: [&str; 10] = [
    "Alma", "Bruno", "Celia", "Dario", "Elena", "Fausto", "Gloria", "Hector", "Ines", "Julio",
];
const LAST: [&str; 8] = [
    "Ficticio",
    "Inventado",
    "Ensayo",
    "Modelo",
    "Supuesto",
    "Figurado",
    "Borrador",
    "Boceto",
];
const COUNTRIES: [&str; 6] = [
    "Guatemala",
    "Honduras",
    "Mexico",
    "El Salvador",
    "Colombia",
    "Ecuador",
];

/// Everybody. The same people each time, so that any replica and any test knows them.
pub fn all() -> Vec<Person> {
    let named =
        NAMED
            .iter()
            .enumerate()
            .map(
                |(index, (first, last, number, country, date_of_birth))| Person {
                    first_name: (*first).to_owned(),
                    last_name: (*last).to_owned(),
                    number: (*number).to_owned(),
                    country,
                    date_of_birth: (*date_of_birth).to_owned(),
                    facility: &FACILITIES[index % FACILITIES.len()],
                },
            );
    let pairs = FIRST
        .iter()
        .flat_map(|first| LAST.iter().map(move |last| (first, last)));
    let crowd = pairs.enumerate().map(|(index, (first, last))| Person {
        first_name: (*first).to_owned(),
        last_name: format!("{last} {}", LAST[(index * 3 + 1) % LAST.len()]),
        number: format!("{:09}", 800_000_000 + index * 7919),
        country: COUNTRIES[index % COUNTRIES.len()],
        date_of_birth: format!(
            "{}-{:02}-{:02}",
            1960 + index % 44,
            1 + index % 12,
            1 + index % 28
        ),
        facility: &FACILITIES[index % FACILITIES.len()],
    });
    named.chain(crowd).collect()
}

impl Person {
    /// Whether the site would say that this is the name: letter by letter, but for case, as the real one does.
    pub fn is_called(&self, first: &str, last: &str) -> bool {
        self.first_name.eq_ignore_ascii_case(first) && self.last_name.eq_ignore_ascii_case(last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_has_a_number_of_their_own_with_nine_digits() {
        let people = all();
        let numbers: BTreeSet<_> = people.iter().map(|person| &person.number).collect();
        assert_eq!(numbers.len(), people.len());
        assert!(numbers.iter().all(|number| number.len() == 9));
    }

    #[test]
    fn names_are_exact_but_for_case() {
        let people = all();
        assert!(people[0].is_called("ANA LUCIA", "ejemplo prueba"));
        assert!(!people[0].is_called("Ana", "Ejemplo Prueba"));
    }
}
