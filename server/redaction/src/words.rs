//! Which words are names, which are ordinary, and which announce something. See `data/README.md`.

use std::sync::LazyLock;

/// What is known of a word, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Class(u32);

impl Class {
    /// A name that many people have.
    pub const COMMON_NAME: Self = Self(1);
    /// A name.
    pub const NAME: Self = Self(1 << 1);
    /// A word of English or Spanish.
    pub const ORDINARY: Self = Self(1 << 2);
    /// A place, a language, a month, a word of ours.
    pub const TERM: Self = Self(1 << 3);
    /// Joins the parts of a name.
    pub const PARTICLE: Self = Self(1 << 4);
    /// A name follows: "brother", "llama".
    pub const PERSON: Self = Self(1 << 5);
    /// May stand between what announces a name and the name: "is", "se".
    pub const LINK: Self = Self(1 << 6);
    /// A place of detention is named: "facility".
    pub const FACILITY: Self = Self(1 << 7);
    /// A month.
    pub const MONTH: Self = Self(1 << 8);
    /// A number.
    pub const NUMBER: Self = Self(1 << 9);
    /// A birth is told of.
    pub const BIRTH: Self = Self(1 << 10);
    /// A kind of street, in English: it comes last.
    pub const STREET: Self = Self(1 << 11);
    /// A kind of street, in Spanish: it comes first.
    pub const CALLE: Self = Self(1 << 12);
    /// A document with a number.
    pub const DOCUMENT: Self = Self(1 << 13);
    /// A telephone.
    pub const PHONE: Self = Self(1 << 14);
    /// A Social Security number.
    pub const SSN: Self = Self(1 << 15);
    /// An A-number.
    pub const ALIEN: Self = Self(1 << 16);
    /// A password or another secret.
    pub const SECRET: Self = Self(1 << 17);
    /// A word that only holds others together.
    pub const FUNCTION: Self = Self(1 << 18);
    /// More than one word, a place together, begins with this one.
    pub const PHRASE: Self = Self(1 << 19);
    /// A part of a postal address within a building, or of a region.
    pub const UNIT: Self = Self(1 << 20);
    /// The sign of an e-mail address, in words.
    pub const AT: Self = Self(1 << 21);
    /// "key", which is a secret's after some words.
    pub const KEY: Self = Self(1 << 22);
    /// What forms begin with, or are announced by.
    pub const TELLING: Self = Self::NUMBER
        .and(Self::CALLE)
        .and(Self::MONTH)
        .and(Self::BIRTH)
        .and(Self::DOCUMENT)
        .and(Self::SECRET)
        .and(Self::AT)
        .and(Self::KEY);

    /// Whether any bit of `other` is set.
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is known.
    pub const fn is_unknown(self) -> bool {
        self.0 == 0
    }
}

const LISTS: [(&str, Class); 25] = [
    (
        include_str!("../data/common-names.txt"),
        Class::COMMON_NAME.and(Class::NAME),
    ),
    (include_str!("../data/names.txt"), Class::NAME),
    (include_str!("../data/words.txt"), Class::ORDINARY),
    (include_str!("../data/verbs.txt"), Class::ORDINARY),
    (include_str!("../data/places.txt"), Class::TERM),
    (include_str!("../data/terms.txt"), Class::TERM),
    (PARTICLES, Class::PARTICLE),
    (PERSONS, Class::PERSON.and(Class::ORDINARY)),
    (LINKS, Class::LINK),
    (FACILITIES, Class::FACILITY.and(Class::ORDINARY)),
    (MONTHS, Class::MONTH.and(Class::ORDINARY)),
    (NUMBERS, Class::NUMBER.and(Class::ORDINARY)),
    (BIRTHS, Class::BIRTH.and(Class::ORDINARY)),
    (STREETS, Class::STREET),
    (CALLES, Class::CALLE),
    (DOCUMENTS, Class::DOCUMENT.and(Class::ORDINARY)),
    (PHONES, Class::PHONE.and(Class::ORDINARY)),
    (SSNS, Class::SSN.and(Class::ORDINARY)),
    (ALIENS, Class::ALIEN.and(Class::ORDINARY)),
    (SECRETS, Class::SECRET.and(Class::ORDINARY)),
    (FUNCTIONS, Class::FUNCTION.and(Class::ORDINARY)),
    (UNITS, Class::UNIT),
    (ATS, Class::AT),
    ("key", Class::KEY),
    (HARMLESS, Class::TERM.and(Class::ORDINARY)),
];

const PARTICLES: &str = "de del la las los da do dos das di van von der den el al bin ben ibn abu y e san santa st le du des ter";
const PERSONS: &str = "brother sister husband wife son daughter father mother mom dad cousin uncle aunt nephew niece friend client \
    partner spouse fiance fiancee boyfriend girlfriend grandfather grandmother grandson granddaughter stepson stepfather stepmother \
    neighbor roommate coworker detainee inmate respondent petitioner applicant beneficiary relative named name names surname \
    lastname firstname fullname called aka alias nickname mr mrs ms mx dr sr sra srta jr don dona senor senora senorita \
    hermano hermana esposo esposa hijo hija padre madre papa mama primo prima tio tia sobrino sobrina amigo amiga cliente \
    companero companera pareja novio novia marido mujer abuelo abuela nieto nieta cunado cunada suegro suegra padrino madrina \
    yerno nuera hermanastro padrastro madrastra vecino vecina detenido detenida familiar llama llamo llamaba llamado llamada \
    nombre nombres apellido apellidos apodo mijo mija tocayo licenciado licenciada lic licda ing doctor doctora prof profesor profesora \
    lawyer attorney judge deputy sheriff sgt sergeant lieutenant jueza fiscal sargento \
    officer agent deportado deportada preso presa recluso interno sujeto paciente beneficiario solicitante given middle maiden \
    sender sponsor witness boss landlord passenger guardian interpreter remitente testigo patron fiador \
    first last paterno materno family person persona pariente";
const LINKS: &str = "is are was es era fue se me te le su s name names named called full legal complete first last middle llama llamo llamaba \
    llamado llamada nombre nombres apellido apellidos completo legal primer segundo mi the my our su sus nuestro nuestra a al \
    que of de del mr mrs ms dr sr sra don dona senor senora goes by known as conocido conocida como or o and y client cliente";
const FACILITIES: &str = "detention detencion processing procesamiento correctional correccional facility center centre centro jail carcel prison \
    prision penitentiary penitenciaria residential residencial regional staging county condado ipc icdc dc spc field office oficina \
    hospital clinic clinica airport aeropuerto university universidad college colegio school escuela church iglesia parish \
    courthouse court corte tribunal district distrito department departamento municipio municipality city ciudad state estado \
    province provincia valley park parque beach springs hills heights river lake fort port bridge station law firm foundation \
    fundacion project proyecto institute instituto association asociacion network red act ley amendment v inc llc corp";
const MONTHS: &str = "january february march april may june july august september october november december jan feb mar apr jun jul aug \
    sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr \
    ago dic";
pub const NUMBERS: &str = "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple \
    cero uno un una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho \
    diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve treinta \
    cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos trescientos cuatrocientos quinientos seiscientos \
    setecientos ochocientos novecientos mil first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth \
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth primero";
const BIRTHS: &str = "born birth birthday birthdate dob bday nacio nacido nacida nacimiento naci nacieron cumpleanos cumple nac fdn";
const STREETS: &str = "street st avenue ave av road rd boulevard blvd lane ln drive dr court ct way place pl highway hwy parkway pkwy \
    circle cir terrace ter trail trl loop square sq plaza route rte expressway expy crossing run path turnpike tpke alley broadway bend cove hollow ridge landing bluff glen";
const CALLES: &str = "calle avenida av avda ave carrera cra cr kra calzada calz boulevard blvd bulevar colonia col barrio callejon pasaje \
    psje diagonal transversal privada priv camino carretera residencial fraccionamiento fracc urbanizacion urb caserio canton aldea \
    lotificacion manzana domicilio direccion prolongacion andador circuito cerrada paseo jiron";
const DOCUMENTS: &str = "passport pasaporte visa document documento identification identificacion cedula curp rfc dui dpi nit ine matricula \
    license licence licencia permit permiso card tarjeta receipt recibo case caso expediente booking inmate fin id identity identidad \
    identificador certificate certificado acta fol folio i94 ead itin cui partida carnet credencial registration registro bed subject \
    docket policy poliza account cuenta plate plates placa placas";
const PHONES: &str = "phone phones telephone tel telefono telefonos cell cellphone mobile movil celular cel fax whatsapp call text llame \
    llamar llamen llamenos marque contact contacto numero number reach";
const SSNS: &str = "ssn social security seguro";
const ALIENS: &str = "alien anumber extranjero";
const SECRETS: &str = "password passwd pwd pass passphrase secret token apikey bearer auth authorization contrasena clave cookie pin session \
    sessionid credential credentials credencial jwt";
const FUNCTIONS: &str = "the a an and or but if then so as at by for from in into of on to with without about after before over under is are was \
    were be been being am do does did have has had having will would shall should can could may might must not no yes this that these \
    those there here it its he him his she her they them their we us our you your i me my mine who whom whose which what when where \
    why how all any each every some such only own same than too very just also now please thank thanks hello hi dear isn aren wasn weren hasn haven hadn doesn didn wouldn couldn shouldn mustn \
    el la los las un una unos unas y e o u ni pero si no de del al a ante bajo con contra desde en entre hacia hasta para por segun \
    sin sobre tras que quien cual cuando donde como porque es son era eran fue fueron ser estar esta estan estaba ha han hay he yo tu \
    usted ustedes ella ellos ellas nosotros me te se lo le les nos mi mis su sus nuestro nuestra este esto estos ese eso esos aquel \
    muy mas menos ya tambien solo hola gracias favor todos todas buenos buenas dias tardes noches estimado estimada";
const UNITS: &str = "apt apartment apartamento apto suite ste unit floor piso depto departamento int interior ext lote lot casa house edificio bldg \
    building zona zone zip cp codigo postal box apartado room cuarto bloque km no num numero esquina entre";
const ATS: &str = "at arroba aroba";
/// Words that a list takes for names, or that begin sentences.
const HARMLESS: &str = "english spanish ingles espanol ok okay error errors info warn warning debug trace fatal please";

/// Words of one hash each; its upper bits are compared, the others are the class.
struct Vocabulary {
    slots: Vec<u64>,
}

const CLASS_BITS: u32 = 23;
const CLASS: u64 = (1 << CLASS_BITS) - 1;
const SLOTS: usize = 1 << 18;

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut vocabulary = Vocabulary {
        slots: vec![0; SLOTS],
    };
    for (list, class) in LISTS {
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            for word in line.split_ascii_whitespace() {
                vocabulary.add(hash(word.as_bytes()), class);
                if let Some((first, _)) = word.split_once('_') {
                    vocabulary.add(hash(first.as_bytes()), Class::PHRASE);
                }
            }
        }
    }
    vocabulary
});

impl Vocabulary {
    fn slot(&self, hash: u64) -> usize {
        let mut at = (hash >> 46) as usize % SLOTS;
        while self.slots[at] != 0 && (self.slots[at] ^ hash) & !CLASS != 0 {
            at = (at + 1) % SLOTS;
        }
        at
    }

    fn add(&mut self, hash: u64, class: Class) {
        let at = self.slot(hash);
        self.slots[at] |= (hash & !CLASS) | u64::from(class.0);
    }
}

/// A hash of folded letters: quick, and the same in each process.
pub fn hash(word: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = word.len() as u64;
    let mut rest = word;
    while let Some((eight, more)) = rest.split_first_chunk() {
        state = (state ^ u64::from_le_bytes(*eight)).wrapping_mul(FACTOR);
        state ^= state >> 29;
        rest = more;
    }
    // The last letters, some of them twice.
    let last = match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => rest
            .iter()
            .fold(0, |rest: u64, byte| rest << 8 | u64::from(*byte)),
    };
    state = (state ^ last).wrapping_mul(FACTOR);
    state ^= state >> 32;
    state.wrapping_mul(FACTOR)
}

/// Whether `word` is one of a short list.
pub fn one_of(word: &[u8], list: &str) -> bool {
    list.split_ascii_whitespace()
        .any(|one| one.as_bytes() == word)
}

/// What is known of a word, folded. Words of a phrase are joined by `_`.
pub fn class(word: &[u8]) -> Class {
    class_of(hash(word))
}

/// The same, of the word with this hash.
pub fn class_of(hash: u64) -> Class {
    let slot = VOCABULARY.slots[VOCABULARY.slot(hash)];
    Class(u32::try_from(slot & CLASS).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_words_and_places_are_known() {
        for name in [
            "maria",
            "perez",
            "xol",
            "mohamed",
            "wei",
            "oleksandr",
            "jean",
        ] {
            assert!(class(name.as_bytes()).any(Class::NAME), "{name}");
        }
        for word in ["detained", "detenido", "rosa", "grace", "will"] {
            assert!(class(word.as_bytes()).any(Class::ORDINARY), "{word}");
        }
        for place in ["guatemala", "houston", "san_jose", "kubernetes"] {
            assert!(class(place.as_bytes()).any(Class::TERM), "{place}");
        }
        assert!(class(b"qqxzz").is_unknown());
    }
}
