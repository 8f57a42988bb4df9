"""What made cases are made of: names, places, sentences. All people are invented; any likeness is chance."""

# culture: given names, surnames, how many surnames are used, country
PEOPLE = {
    "mayan": (
        "Macario Elías Gaspar Catarina Petrona Isabela Diego Domingo Juana Micaela Tomás Pascual Eulalia Andrea Nicolás Magdalena Ventura Cleotilde",
        "Tzoc Xicará Ajpop Cholotío Quiej Saquic Ixcoy Batzibal Guarchaj Tzunún Coyoy Sacul Chitay Pixtún Raxón Cuyuch Yaxcal Tiniguar Bámaca Ixquiac Colop Sirín Ajanel Chuvac",
        2, "Guatemala"),
    "guatemalan": (
        "Estuardo Byron Selvin Mynor Edgar Brenda Dania Marleny Heidy Aracely Erwin Rubelsy Ervin Elmer Evelin Glendy",
        "Monzón Recinos Carranza Mijangos Girón Samayoa Barrondo Gudiel Urízar Paiz Arriaza Escobedo Mazariegos Cifuentes Lemus Orantes",
        2, "Guatemala"),
    "honduran": (
        "Denilson Yahir Keylin Nahúm Darwin Kenia Dilcia Gerson Suyapa Olvin Fany Marvin Lesbia Wilmer Josselyn Arnol",
        "Zelaya Bonilla Euceda Turcios Banegas Cáceres Urbina Rápalo Ulloa Amador Funes Lagos Mejía Cárcamo Barahona Sabillón",
        2, "Honduras"),
    "salvadoran": (
        "Jefferson Yesenia Xiomara Wilber Karla Yamileth Bryan Rutilio Deysi Ovidio Marisol Nelson Iris Balmore Evelio Griselda",
        "Guardado Villatoro Portillo Sorto Membreño Quijada Avelar Alvarenga Chicas Argueta Henríquez Ventura Majano Rivas Lazo Orellana",
        2, "El Salvador"),
    "mexican": (
        "Guadalupe Filiberto Xóchitl Abundio Rigoberto Citlali Everardo Leobardo Griselda Heriberto Yolanda Nayeli Refugio Itzel Saúl Eréndira",
        "Ruelas Quezada Rentería Cervantes Olguín Yáñez Barrientos Salgado Nava Zepeda Arreola Villaseñor Tepaz Montejo Bañuelos Cisneros",
        2, "Mexico"),
    "venezuelan": (
        "Yusmary Franklin Wilmary Yorman Dayana Osmel Maikel Yuleisy Reinaldo Mariangel Jhonny Greisy",
        "Rondón Urdaneta Arismendi Colmenares Bracho Parra Graterol Villasmil Chacín Marcano Sulbarán Peñaloza",
        2, "Venezuela"),
    "haitian": (
        "Wislande Jean-Claude Ketlyne Mackenson Roseline Dieudonné Fabiola Emmanuela Stanley Guerline Wilner Nadège",
        "Dorvil Joseph-Fils Beaubrun Saint-Fleur Desrosiers Toussaint Lafleur Estimé Jeudy Michaud Célestin Fanfan",
        1, "Haiti"),
    "chinese": (
        "Xiaoming Meihua Jianguo Weijun Lihua Zhiqiang Yanfen Guoqing Xiuying Haoran Shufen Tingting",
        "Zhang Huang Chen Zheng Ouyang Zhao Jiang Xie Liang Cheung Deng Feng",
        1, "China"),
    "indian": (
        "Priya Suresh Bhavesh Raghunath Ananya Kiran Dharmesh Lakshmi Vikram Meenakshi Jignesh Rekha",
        "Raghunathan Chaudhary Prajapati Venkataraman Adhikari Mukherjee Solanki Iyer Bhatt Deshpande Nambiar Rathod",
        1, "India"),
    "punjabi": (
        "Gurpreet Harjinder Sukhwinder Baljit Amandeep Bhupinder Manjot Jaspreet Kulwinder Navdeep Parminder Ravneet",
        "Dhaliwal Sandhu Gill Bajwa Grewal Randhawa Sidhu Brar Toor Mangat Aulakh Virk",
        1, "India"),
    "slavic": (
        "Oleksandr Iryna Bohdan Ludmila Dmitri Tatiana Anatoli Svitlana Vadym Ksenia Yevhen Oksana",
        "Kovalchuk Shevchuk Lysenko Petrenko Volkov Morozova Bereznyak Hryhorenko Zaytsev Umarov Bondar Tkachenko",
        1, "Ukraine"),
    "nigerian": (
        "Chukwuemeka Blessing Folasade Ikenna Chiamaka Abubakar Nkechi Olumide Ngozi Babatunde Adaeze Obinna",
        "Okonkwo Adeyemi Ogunleye Okafor Nwosu Uzoma Eze Balogun Onyekachi Akinwale Ibekwe Oyelaran",
        1, "Nigeria"),
    "cameroonian": (
        "Njoya Grace-Divine Emmanuel Marie-Claire Achille Solange Fru Bih Ernestine Valery Pamela Cyprian",
        "Tchouameni Ngo-Biyong Mbah Fonkou Ndifor Atanga Kamdem Tabe Nkwenti Njikam Achidi Fomunyoh",
        1, "Cameroon"),
    "brazilian": (
        "Thiago Rafaela Gabriel Jussara Edimilson Luciene Wanderson Tainá Cleiton Rosângela Joelma Everton",
        "Albuquerque Drummond Ferreira Conceição Gonçalves Cavalcanti Nascimento Teixeira Magalhães Vasconcelos Brandão Siqueira",
        2, "Brazil"),
    "arabic": (
        "Mohammed Zainab Hussein Maryam Farid Nasir Khadija Yusuf Layla Bashar Amina Tariq",
        "Al-Rashidi Haidari Noorzai Ahmadzai Bouzid Al-Masri El-Sayed Warsame Barzani Haddad Khoury Benali",
        1, "Iraq"),
    "vietnamese": (
        "Thanh Thuy Linh Quoc Minh Phuong Huong Khanh Ngoc Hieu Trang Dung",
        "Nguyen Pham Tran Huynh Dang Truong Duong Vuong Trinh Quach",
        1, "Vietnam"),
    "other": (
        "Yonatan Istvan Siobhán Kwabena Ji-eun Tenzin Suresh Lam Segundo Win Otieno Ramazan Andrei Kofi",
        "Gebremedhin Horvath O'Dowd Osei-Tutu Lhamo Thapa Guamán Htut Achieng Yildirim Popescu Mensah Amponsah Szczepański",
        1, "Ecuador"),
    "american": (
        "Courtney Prescott Darius Brenda-Lee Todd Kimberly Shanelle Dwight Meredith Tyrone",
        "Blaylock Lindqvist Hennessy Whitfield Kessler Abernathy Vanderhoof McCullough Thibodeaux Okerlund",
        1, "Canada"),
}

STREETS_EN = [
    "1428 Oakmont Street", "309 S. Pulaski Rd", "2201 Broadway Ave", "903 Cypress Lane", "4450 Rivers Edge Dr", "16 Walnut Court", "8812 Hillside Avenue",
    "742 Sagebrush Pkwy", "58 Mount Pleasant Ave", "1906 Cherry Hill Road", "3315 Buford Hwy NE", "2900 Bristol St", "77 Lakeview Terrace",
    "5120 N. Milwaukee Ave.", "412 Magnolia Drive", "640 Peachtree Circle", "11 Foxglove Way", "2075 E 14th Street", "938 Juniper Blvd", "15021 Ventura Place",
]
UNITS = ["", "", "", ", Apt 3B", ", Unit 12", " #204", ", Apt. 7", ", Floor 2"]
CITIES = [
    "Houston, TX 77036", "Chicago, IL 60624", "Fort Wayne, IN 46802", "Yakima, WA 98902", "Troy, MI 48098", "Brentwood, NY 11717", "Aurora, CO 80011",
    "Providence, RI 02908", "Silver Spring, MD 20904", "Atlanta, GA 30329", "Costa Mesa, CA 92626", "Forest, MS 39074", "Miami, FL 33136", "Dallas, TX 75208",
]
STREETS_ES = [
    "Calle Morelos 118, Colonia Centro, Puebla", "12 Calle 4-55 Zona 3, Quetzaltenango", "Avenida Bolívar 907, Tegucigalpa", "Pasaje Los Almendros 23, Soyapango",
    "Calle Esperanza 2638, El Paso, TX 79901", "Avenida Las Palmas 415, San Pedro Sula", "Carrera Jacarandas 56, Barrio Abajo", "Camino Ceiba 771, Choloma",
]
MAIL_HOSTS = ["gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "icloud.com", "correo.example", "northsidelegal.example", "proton.me"]

EVERYDAY = {
    "en": {
        "family": [
            "My husband {N} was detained on his way to work. He was born on {B}.",
            "I can't find my sister {N}. Her alien number is {A}, please look.",
            "Hello, this is {G2}. I'm asking about my cousin {N} from {COUNTRY}.",
            "They took {N} from our house at {D} before sunrise.",
            "Could you see whether {N}, born {B}, is still in the same place?",
            "The kids ask for their dad every night. His name is {N} and the A number is {A}.",
            "You can reach me, {N2}, at {P} or at {E}. It's about {N}.",
            "{N} called once from a facility, then nothing. DOB {B}, {COUNTRY}.",
            "My mother-in-law, {N}, has passport {X} and no other papers.",
            "We were told that {G} would be released on bond, but {G} {S} never came out.",
            "Somebody at church said {N} was put on a plane. Is that true? His A number was {A}.",
            "My roommate {N} and his brother {N2} were both in the car.",
            "Please, her name is {N}, her birthday is {B}, she takes blood pressure pills.",
            "How can I send a letter to {N}? I'm her landlord at {D}.",
            "I don't know how they spell it, maybe {SG} or {N}.",
            "If you find {G}, tell me by text, {P}, because I'm at work until ten.",
            "His social security number is {Z} in case that helps; {N}, born {B}.",
            "The coach of our team, {N}, didn't show up for practice. His wife {G2} is worried sick.",
            "I'm a US citizen and my fiancé {N} is from {COUNTRY}. A number: {A}.",
            "{G} has epilepsy. Last name {S}. Country {COUNTRY}. Born {B}.",
        ],
        "lawyer": [
            "I represent {N} ({A}) and ask for the present place of detention.",
            "Re: {SG}, {A}. Please forward the attached notice of appearance.",
            "Our client {N}, a national of {COUNTRY}, born {B}, was transferred without notice to counsel.",
            "Declarant {N} resides at {D} and may be reached at {P}.",
            "The sponsor, {N2}, SSN {Z}, will post bond for {N}.",
            "Kindly confirm receipt to {E}, with a copy to {E2}.",
            "Respondent's passport ({X}) was kept by the officer; respondent is {N}.",
            "Conflict check, please: {N}; {N2}; employer unknown.",
            "Interview of {N} moved; the interpreter {N2} is available at {P2}.",
            "I-589 for {N}, DOB {B}, A-number {A}, was filed by mail.",
        ],
        "assistant": [
            "The user is searching for {N}, born {B}, country {COUNTRY}.",
            "User asks where {N} is held and gave the A-number {A}.",
            "Looking for a family member named {N}; the caller is {G2} and wants an answer in Spanish.",
            "Retry the search with the surname only: {S}. The first attempt used {N}.",
            "Context: {N} was detained last week; the user left the phone number {P}.",
            "Goal: find out if detainee {N} ({A}) was released, then draft a letter to {E}.",
            "The user uploaded a form with name {N}, address {D} and passport {X}.",
        ],
        "json": [
            '{"first_name":"{G}","last_name":"{S}","date_of_birth":"{BI}","country":"{COUNTRY}"}',
            '{"name":"search_by_a_number","arguments":{"a_number":"{A}","country_of_birth":"{COUNTRY}"}}',
            '{"text":"find {N} born {B}","language":"en"}',
            '{"contact":{"full_name":"{N}","phone":"{P}","email":"{E}"},"urgent":true}',
            '{"lastName":"{S}","firstName":"{G}","dob":"{BI}","matches":0,"from_cache":false}',
            '[{"name":"{N}","a_number":"{A}"},{"name":"{N2}","a_number":"{A2}"}]',
            '{"surname": "{S}", "given_names": "{G}", "passport_number": "{X}", "nationality": "{COUNTRY}"}',
            '{"applicant":"{N}","ssn":"{Z}","street_address":"{D}","status":"pending"}',
            '{"id":7,"method":"tools/call","params":{"arguments":{"query":"{N}, A {A}"}}}',
            '{"user_intent":"Find {N} for her daughter {G2}","is_error":false}',
        ],
        "error": [
            "no unique match for {N}: 3 people found",
            "bad date '{B}' in request for {N}",
            "cannot read row 4: {SG};{A};{COUNTRY}",
            "mailbox unavailable: {E} (report for {N} not sent)",
            "form rejected: txtLast={S} txtFirst={G} reason=country missing",
            "A-number {A} does not belong to {N}",
            "sms to {P} failed with code 30007",
            "validation failed: ssn {Z} is not a field of this form",
            "timeout while looking up {G} {S} ({COUNTRY}), 2 of 3 variants tried",
        ],
        "html": [
            '<tr><td class="name">{SG}</td><td class="a-number">{A}</td><td class="country">{COUNTRY}</td><td class="date-of-birth">{B}</td></tr>',
            '<td class="name">{SG}</td><td class="status">In ICE Custody</td><td class="facility">Eloy Detention Center</td>',
            '<h2>{N}</h2><p>Country of birth: {COUNTRY}</p><p>A-Number: {A}</p>',
            '<input name="lastName" value="{S}"><input name="firstName" value="{G}"><input name="dob" value="{B}">',
            '<a href="/detainee?id=118">{N}</a> <span>Born: {B}</span>',
        ],
        "form": [
            "Name: {N}\nA-Number: {A}\nDate of birth: {B}\nCountry: {COUNTRY}",
            "Last name: {S}\nFirst name: {G}\nPassport no.: {X}\nPhone: {P}",
            "Caller: {N2}\nE-mail: {E2}\nDetained person: {N}\nAddress: {D}",
            "1. Full legal name - {N}\n2. Social Security number - {Z}\n3. Birth date - {B}",
        ],
        "chat": [
            "hey its {G2}, any news of {N}??",
            "sorry wrong number, its {A} not the other one, name {N}",
            "thx. my email {E}, my cell {P}",
            "{G} again!! {G} {S} from {COUNTRY}, bday {B}",
            "wait, spelled {S}. {G} {S}. lives w me at {D}",
        ],
    },
    "es": {
        "family": [
            "A mi esposo {N} lo detuvieron camino al trabajo. Nació el {B}.",
            "No encuentro a mi hermana {N}. Su número de extranjero es {A}.",
            "Buenas, habla {G2}. Pregunto por mi primo {N}, de {COUNTRY}.",
            "Se llevaron a {N} de la casa, en {D}, antes de que amaneciera.",
            "¿Me puede decir si {N}, nacido el {B}, sigue en el mismo lugar?",
            "Los niños preguntan por su papá. Se llama {N} y el número A es {A}.",
            "Me puede llamar a mí, {N2}, al {P}, o escribir a {E}. Es por {N}.",
            "{N} llamó una vez y después nada. Fecha de nacimiento {B}.",
            "Mi suegra, {N}, tiene pasaporte {X} y ningún otro papel.",
            "El padre {G2} dice que vio a {N} en la capilla del centro.",
            "Mi compañero de cuarto {N} y su hermano {N2} iban en el mismo carro.",
            "Por favor, se llama {N}, cumple años el {B}, toma pastillas para la presión.",
            "No sé cómo lo escriben ahí, a lo mejor {SG} o {N}.",
            "Si encuentra a {G}, mándeme un mensaje al {P}, trabajo hasta las diez.",
            "El seguro social de mi hijo es {Z}; se llama {N}.",
            "El consulado pide pasaporte ({X}) y acta de {N}.",
            "{G} tiene epilepsia. Apellido {S}. País {COUNTRY}. Nació el {B}.",
            "Soy {N2}, maestra de la hija de {N}; la niña lleva tres días sin saber nada.",
        ],
        "lawyer": [
            "Represento a {N} ({A}) y solicito el lugar actual de detención.",
            "Asunto: {SG}, {A}. Adjunto la comparecencia firmada.",
            "La declarante {N} reside en {D} y atiende en el {P}.",
            "El fiador {N2}, seguro social {Z}, pagará la fianza de {N}.",
            "Favor de confirmar a {E} con copia a {E2}.",
            "El pasaporte {X} del señor {N} quedó en poder del oficial.",
        ],
        "assistant": [
            "La usuaria busca a {N}, nacido el {B}, país {COUNTRY}.",
            "El usuario pregunta dónde está {N} y dio el número A {A}.",
            "Reintentar solo con el apellido {S}; antes se buscó {N}.",
            "Contexto: detuvieron a {N} la semana pasada; contacto {P}.",
        ],
        "json": [
            '{"nombre":"{G}","apellido":"{S}","fecha_nacimiento":"{BI}","pais":"{COUNTRY}"}',
            '{"consulta":"dónde está {N}, A {A}","idioma":"es"}',
            '{"familiar":{"nombre":"{N2}","telefono":"{P}","correo":"{E}"},"detenido":"{N}"}',
        ],
        "error": [
            "no hay una sola coincidencia para {N}: se encontraron 3",
            "fecha no válida '{B}' en la búsqueda de {N}",
            "el número {A} no corresponde a {N}",
            "no se entregó el correo a {E}",
        ],
        "html": [
            "<tr><td>{SG}</td><td>{A}</td><td>{COUNTRY}</td><td>En custodia</td></tr>",
            "<p>Nombre: {N}</p><p>Fecha de nacimiento: {B}</p>",
        ],
        "form": [
            "Nombre: {N}\nNúmero A: {A}\nFecha de nacimiento: {B}\nPaís: {COUNTRY}",
            "Apellidos: {S}\nNombres: {G}\nPasaporte: {X}\nTeléfono: {P}",
        ],
        "chat": [
            "hola soy {G2}, ¿ya supo algo de {N}?",
            "perdón, era {A}, no el otro; se llama {N}",
            "gracias, mi correo {E}, mi cel {P}",
            "es {G}, {G} {S}, nació el {B}",
        ],
    },
}
CREDENTIALS = [
    "The call failed with Authorization: Bearer {C}",
    "export LOCATOR_TOKEN={C} and try again",
    "my api key is {C} but it says 401",
    '{"api_key":"{C}","timeout":30}',
    "curl -H 'x-api-key: {C}' https://locator.example/mcp",
    "postgres://icelocator:{W}@db.internal:5432/locator refused the connection",
    "login ops, password {W}, second try",
    '{"username":"ops","password":"{W}"}',
    "password={W} is wrong for user ops",
    "mi contraseña es {W}, por si acaso",
]

# Sentences that carry an obfuscated value.
CARRIERS = {
    "n": [
        ("en", "Please look for {V} in the list."), ("en", "my uncle is {V}, he works at the mill"), ("en", "detainee: {V}; status unknown"),
        ("en", "I typed {V} and got nothing"), ("en", "the officer called him {V}, twice"), ("en", "{V} has not phoned since Tuesday"),
        ("en", "is there a record for {V} at all?"), ("en", "query={V} outcome=not_found"), ("en", '{"query":"{V}","fuzzy":true}'),
        ("en", "the bag was tagged {V} by property"), ("en", "Commissary refused {V}: no funds"), ("en", "two letters for {V} came back"),
        ("en", "bunk 12: {V}"), ("en", "warning: variant {V} gave 3 matches"), ("en", "she signs as {V} everywhere"), ("en", "search again: {V}, please."),
        ("en", "The name that comes up is {V}."), ("en", "Visitor list: {V} (1 adult)"), ("en", "{V} - has asthma - needs inhaler"), ("en", "who is {V}?"),
        ("es", "por favor busque a {V} en la lista"), ("es", "mi tío es {V} y trabaja en la lechería"), ("es", "el oficial le dijo {V} dos veces"),
        ("es", "{V} no ha llamado desde el martes"), ("es", "¿hay algo de {V} o no hay nada?"), ("es", "en la hoja dice {V}"),
        ("es", "resultado: {V}, trasladado"), ("es", "le mandé dinero a {V} y no llegó"), ("es", "firmado por {V} ante notario"), ("es", "preguntan por {V} en la puerta"),
    ],
    "a": [
        ("en", "A-number {V} on the card"), ("en", "alien number: {V}"), ("en", "her A# is {V}, please check"), ("en", "the file {V} was moved"),
        ("en", '{"a_number":"{V}"}'), ("es", "el número A es {V}"), ("es", "número de extranjero {V}, ya lo di antes"), ("en", "A number={V} country=Honduras"),
    ],
    "p": [
        ("en", "call me at {V} tonight"), ("en", "phone: {V}"), ("en", "my cell number is {V}, any time"), ("es", "mi teléfono es {V}"), ("es", "llame al {V} por favor"),
        ("en", "sms to {V} bounced"),
    ],
    "e": [
        ("en", "write to {V} please"), ("en", "e-mail: {V}"), ("es", "mi correo es {V}"), ("en", "the report went to {V} and no other"), ("es", "escríbame a {V}"),
    ],
    "s": [
        ("en", "social security number {V}"), ("en", "SSN: {V}"), ("es", "el seguro social es {V}"), ("en", "ssn={V} was refused"),
    ],
    "b": [
        ("en", "date of birth: {V}"), ("en", "he was born on {V} in a village"), ("en", "DOB {V}, male"), ("es", "nació el {V}"), ("es", "fecha de nacimiento: {V}"),
        ("en", "birthday {V}, she says"),
    ],
    "x": [
        ("en", "passport {V}, expired"), ("en", "passport number: {V}"), ("es", "pasaporte {V} vencido"), ("es", "su número de pasaporte es {V}"),
    ],
    "d": [
        ("en", "we live at {V} since spring"), ("en", "address: {V}"), ("es", "vivimos en {V} desde hace años"), ("en", "mail sent to {V} came back"),
    ],
}

# Harmless pieces for made texts.
HARMLESS_SENTENCES = [
    ("en", "The {place} is {far} from the airport; {bring} and arrive {when}."),
    ("en", "{count} of {total} searches ended as {outcome} after {ms} ms; the cache answered {hits} of them."),
    ("en", "{when2}, the field office moves {total} people between facilities, mostly by {vehicle}."),
    ("en", "To send money, use the {machine} in the lobby or the {company} website; the fee is ${fee}."),
    ("en", "A {paper} must be {act} before the {event}, or the judge may {consequence}."),
    ("en", "Ask the {who} for the {paper}; keep {copies} copies and {safe}."),
    ("en", "When the page says {status}, it means that {meaning}."),
    ("es", "El {lugar} queda {lejos} del aeropuerto; {lleve} y llegue {cuando}."),
    ("es", "Pida al {quien} una copia del {papel}; guarde {copies} copias y {guarde}."),
    ("es", "Si la página dice {estado}, quiere decir que {significa}."),
    ("es", "Para mandar dinero use la {maquina} de la entrada; cobran {fee} dólares y tarda {hits} días."),
    ("en", "level={level} ts=2026-11-{day}T{hh}:{mm}:{ss}Z msg=\"{event2}\" stage={stage} duration={ms}ms attempt={hits}"),
    ("en", "{\"outcome\":\"{outcome}\",\"lookups\":{hits},\"duration_ms\":{ms},\"from_cache\":false,\"language\":\"es\",\"tool\":\"{tool}\"}"),
    ("en", "2026-11-{day} {hh}:{mm}:{ss}.{ms} {level} [{stage}] {event2} (pod icelocator-{hex5}-{hex5b}, {count}/{total})"),
]
HARMLESS_WORDS = {
    "place": ["detention center", "processing center", "county jail", "field office", "immigration court", "consulate", "legal clinic"],
    "far": ["an hour", "two hours", "not far", "a short drive", "half a day"],
    "bring": ["bring a photo ID", "leave your phone in the car", "wear closed shoes", "bring quarters for the locker"],
    "when": ["early", "before noon", "an hour before the visit", "on a weekday"],
    "outcome": ["found", "not_found", "several", "challenged", "rate_limited", "unavailable"],
    "when2": ["On weekdays", "Before dawn", "Every other week", "In winter", "Since the summer"],
    "vehicle": ["bus", "van", "charter plane", "contractor's truck"],
    "machine": ["kiosk", "machine", "terminal"],
    "company": ["vendor's", "facility's", "phone company's"],
    "paper": ["notice of appearance", "bond motion", "medical release form", "sponsor letter", "travel document", "fee waiver", "birth certificate"],
    "act": ["filed", "signed in ink", "translated", "notarized", "served on the government"],
    "event": ["hearing", "interview", "check-in", "flight", "review"],
    "consequence": ["deny it", "order removal in absentia", "reset the case", "take it under advisement"],
    "who": ["clerk", "officer", "chaplain", "case worker", "social worker", "librarian"],
    "safe": ["keep one at home", "give one to a friend", "send one to the lawyer", "photograph each page"],
    "status": ['"In ICE Custody"', '"Not in ICE Custody"', '"Released"', '"In transit"', '"Call the field office"'],
    "meaning": ["the person is listed at a facility", "the record is closed", "nothing can be said before the next update", "a transfer is under way"],
    "lugar": ["centro de detención", "tribunal de inmigración", "consulado", "aeropuerto viejo", "taller", "mercado"],
    "lejos": ["a una hora", "a dos cuadras", "lejos", "a medio día de camino"],
    "lleve": ["lleve identificación", "deje el teléfono en el carro", "use zapatos cerrados", "lleve monedas"],
    "cuando": ["temprano", "antes del mediodía", "una hora antes", "entre semana"],
    "quien": ["oficial", "capellán", "secretario", "trabajador social"],
    "papel": ["formulario médico", "acta de matrimonio", "recibo de fianza", "permiso de trabajo"],
    "guarde": ["deje una en casa", "mande una al abogado", "tome foto de cada hoja"],
    "estado": ["«En custodia»", "«Trasladado»", "«Liberado»", "«Llame a la oficina»"],
    "significa": ["la persona está en un centro", "el caso se cerró", "hay que esperar la próxima actualización"],
    "maquina": ["máquina", "terminal", "caja"],
    "level": ["INFO", "WARN", "ERROR", "DEBUG"],
    "event2": ["call ended", "cache filled", "breaker half open", "settings reloaded", "exporter back-off", "lease renewed", "page read", "request queued"],
    "stage": ["search", "cache", "strategy", "proxy", "upstream", "parse"],
    "tool": ["smart_search", "search_by_name", "search_by_a_number", "bulk_search", "generate_report"],
}
