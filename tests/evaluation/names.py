"""Names by region, and how families, lawyers and clerks misspell them. Written by hand, one name a line:

    name | spelt otherwise by anyone | by Spanish speakers | by English speakers | short and pet names | made English

Only the first field is required. Within a field, names are separated by commas.
"""

LATIN_MEN = """
José||Joce,Josse|Hosay,Josey|Pepe,Chepe|Joseph,Joe
Juan||Juam,Guan|Wan,Juann|Juancho,Juanito|John
Luis|Luiz||Louis,Lewis|Lucho,Güicho|
Carlos|Karlos|||Carlitos,Charly|Charles
Jorge|Gorge|Jorje|Horhe,Jorgie||George
Jesús|||Hesus,Jezus|Chuy,Chucho|
Miguel|Migel||Miguell,Meguel|Micho|Michael,Mike
Ángel|||Angle,Angell|Angelito|
Francisco||Fransisco,Francico|Fransico,Franciso|Paco,Pancho|Frank
Pedro||Pero|Pedroe|Perucho|Peter
Antonio||Antoño|Antionio,Anthonio|Toño|Anthony,Tony
Alejandro||Alejando,Alegandro|Alexandro,Alajandro|Alex,Ale|
Alexander|Aleksander,Alexsander|Alecsander|Alexandar|Alex|
Roberto||Robeto,Roverto||Beto|Robert,Bob
Eduardo||Edwardo,Eduado|Edwardo|Lalo,Edu|Edward
Fernando|||Fernado,Furnando|Nando|
Guillermo||Gillermo,Guiyermo|Guilermo,Guierrmo|Memo|William
Enrique||Henrique,Enrrique|Enreque|Quique,Kike|Henry
Ricardo||Rricardo,Ricado|Riccardo|Richi,Rica|Richard
Manuel|||Manual,Manuell|Manolo,Meme|
Rafael|||Raphael,Rafeal|Rafa|
Ignacio||Ygnacio,Ignasio|Ignatio|Nacho|
Vicente||Bicente,Visente|Vincente|Chente|Vincent
Salvador||Salbador|Salvadore|Chava|
Gregorio||Gregorrio|Gregario|Goyo|Gregory
Sergio||Serjio,Cergio|Serigo|Checo|
Santiago||Santyago|Santigo|Chago,Santi|
Nicolás||Nicolaz|Nicholas,Nicolaus|Nico|Nicholas
Héctor||Ector,Hetor|Hecter||
Hugo||Ugo|Hewgo||
Humberto||Umberto|Humbert||
Heriberto||Eriberto|Herberto|Beto|
Joaquín||Juaquin,Joakin|Wakeen,Juaquin|Quino|
Javier|Xavier|Habier,Jabier|Haviar|Javi|
Óscar||Oskar,Hoscar|Oscer||
Víctor||Bictor,Vitor|Victer||
Esteban||Estevan,Hesteban|Estaban||Steven
Sebastián||Sevastian,Cebastian|Sebastion,Sabastian|Sebas|
Cristian|Christian,Cristhian,Kristian|Cristiam|||
Rubén||Rruben|Reuben,Rubin||
Ezequiel||Esequiel,Exequiel|Ezekiel,Ezequel||
César|Cezar|Sesar|Ceasar,Caesar||
Moisés||Moizes,Moyses|Moses,Moisses||
Isaías||Ysaias,Isayas|Isaiah,Isias||
Elías||Helias,Elyas|Elius,Elijas||
Andrés||Andrez|Andreas,Andress||Andrew
Óliver|Oliver|Olivert|Olliver||
Édgar|Edgar|Edgard,Etgar|Edger||
Edwin|Edwing|Eduin,Heduin|||
Wilmer|Wilmar|Guilmer,Vilmer|Willmer||
Jhon|John,Jon|Yon,Jhom|||
Brayan|Bryan,Brian|Braian,Vrayan|||
Kevin|Kelvin|Kebin,Quevin|Keven||
Darwin||Daruin,Darguin|Darwyn||
Franklin||Franclin,Frankling|Franklyn||
Walter||Gualter,Balter|Walther||
Yeison|Jeison,Jeyson|Yeyson,Lleison|Jason,Jayson||
Marvin||Marbin|Marven,Marvyn||
Melvin||Melbin|Melvyn||
Selvin||Selbin,Celvin|Selven||
Elmer||Helmer,Elmar|||
Gerson|Jerson|Guerson,Yerson|Gershon||
Denis|Dennis|Deniz,Denny|||
Santos||Santoz||Santitos|
Domingo||Domigo|Dominguo|Mingo|
Tomás||Tomaz|Thomas||Thomas
Mateo||Mateyo|Matteo||Matthew
Gabriel||Gavriel|Gabreil,Gabrial|Gabo,Gabi|
Daniel||Daniël|Danial,Danielle|Dani|
Rigoberto||Rigoverto|Rigobert|Rigo|
Gilberto||Jilberto,Gilverto|Gilbert|Beto|
Wilfredo||Guilfredo,Vilfredo|Wilfred|Fredo|
Yoni|Jonny,Johnny|Yonny,Lloni|||
Bayron|Byron|Bairon,Vairon|||
Ulises||Hulises,Ulices|Ulysses||
Leonel||Lionel,Leonell|Lionel|Leo|
"""

LATIN_WOMEN = """
María||Maria|Mariah|Mari,Maruca|Mary
Ana||Hana|Anna|Anita|Ann
Rosa||Roza|Rossa|Rosita|Rose
Guadalupe||Guadalupi|Guadelupe,Guadaloupe|Lupe,Lupita|
Concepción||Consepcion|Conception|Concha,Conchita|
Rosario||Rrosario|Rosaria|Chayo|
Dolores||Doloris|Delores|Lola|
Mercedes||Mersedes,Merzedes|Mercedez|Meche|
Isabel||Ysabel,Izabel|Isabelle,Isobel|Chabela,Isa|
Teresa||Tereza|Theresa|Tere|Theresa
Margarita||Marjarita|Margaritta|Mago|Margaret
Beatriz||Beatris,Veatriz|Beatrice|Bea,Betty|Beatrice
Patricia||Patrisia,Patrizia|Patrica|Paty,Pati|
Leticia||Letisia,Letizia|Laticia|Lety|
Verónica||Beronica|Veronika|Vero|
Carmen||Carmem|Carman|Carmencita|
Josefina||Jocefina|Josephina|Chepina,Fina|Josephine
Consuelo||Consuello|Consuela|Chelo|
Graciela||Grasiela,Graziela|Graciella|Chela|
Esperanza||Esperansa|Espernza|Espe|
Alejandra||Alegandra|Alexandra|Ale,Jandra|
Catalina|Katalina||Catelina|Cata|
Jessica|Yesica,Jesica|Yessica,Llesica|Jessika||
Yesenia|Jessenia,Yessenia|Llesenia,Yecenia|Jesenia|Yesi|
Xochitl|Xochil|Sochil,Sochitl|Zochitl,Xochtil||
Yadira|Jadira|Lladira|Yadera||
Yolanda||Llolanda,Yolamda|Iolanda,Yolonda|Yoli|
Hilda||Ilda|Hylda||
Vilma|Wilma|Bilma|||
Vanessa|Vanesa|Banesa,Banessa|Venessa||
Cristina|Christina,Kristina|Cristyna||Cris,Tina|
Karina|Carina||Kareena|Kari|
Karla|Carla||Carlah||
Érika|Erica|Herica|Ericka||
Mónica|Monika||Monicka|Moni|
Rebeca||Rreveca,Revecca|Rebecca,Rebekah|Becky|
Sofía||Zofia|Sophia,Sofie|Sofi|
Estefany|Estefani,Stefany|Esthefani|Stephanie,Stephany|Fany|
Silvia||Silbia,Cilvia|Sylvia||
Zoila||Soila,Zoyla|Zoilla||
Zulma||Sulma|Zulmah||
Nancy|Nanci|Nansi|Nansy||
Daysi|Deysi,Daisy|Deisy,Deici|Daisey||
Gladys|Gladis|Gladiz,Cladis|Gladyss||
Ingrid||Ingrit,Yngrid|Ingred||
Reina|Reyna|Rreina|Raina||
Nohemí|Noemi|Nohemy,Noemy|Naomi||
Maribel||Marivel|Maribell||
Abigail||Avigail,Abigael|Abigale,Abbigail|Abi|
Jazmín|Yazmin,Jasmin|Yasmin,Llasmin|Jasmine||
Johana|Yohana|Llohana|Johanna,Joanna||
Lizbeth|Lisbeth,Lizbet|Lisbet,Lisvet|Lizabeth|Liz|
Nayeli|Nayely|Nallely,Naieli|Nayelli||
Itzel||Itsel,Izel|Itzell||
Luz||Lus|Luze|Lucita|
Blanca||Vlanca|Blanka|Blanquita|
Elvira||Elbira|Elvera||
Juana||Guana|Huana|Juanita|Jane
Marta|Martha||Marthe||
Lucía||Lusia,Luzia|Lucia|Lucy|Lucy
Olivia||Olibia|Oliva||
Brenda||Vrenda|Brinda||
Heidy|Heidi|Jeidy,Eidy|Hidey||
Suyapa||Zuyapa,Sullapa|Suyappa||
Elena||Helena,Elenna|Ellena,Helen|Nena|Helen
Aura||Haura|Ora||
Petrona||Petronna|Petrone||
Dominga||Domiga|Domingua||
"""

LATIN_SURNAMES = """
González|Gonzales|Gonsalez,Gonsales|Gonzolez,Gonzalaz
Hernández|Hernandes|Ernandez,Hernadez|Hernendez,Fernandez
Rodríguez|Rodrigues|Rodrigez,Rodrigues|Rodriquez,Rodreguez
Martínez|Martines|Martinec|Martinnez,Martinas
López|Lopes|Lopéz|Loppez
Pérez|Peres|Perrez|Paris
García||Garsia,Gracia|Garcea,Gracia
Sánchez|Sanches|Sanshez,Zanchez|Sanchaz,Shanchez
Ramírez|Ramires|Rramirez|Ramerez,Ramirz
Flores|Florez|Floores|Floris
Gómez|Gomes|Gomés|Gomaz
Díaz|Dias|Diaz|Diez
Cruz||Crus,Krus|Cruze
Reyes||Reies,Rreyes|Rayes,Reys
Morales||Moralez|Moralis
Ortiz|Ortis|Hortiz|Orteez
Gutiérrez|Gutierres|Gutierez,Jutierrez|Guiterrez,Gutierezz
Chávez|Chaves|Shavez|Chavis
Mendoza|Mendosa|Mendosa|Mendozza
Vásquez|Vazquez|Basquez,Vasques|Vasqez
Velásquez|Velazquez|Belasquez,Velasques|Valesquez
Juárez|Juares|Suarez,Guarez|Juarz
Jiménez|Gimenez,Jimenes|Ximenez|Jimenz,Himenez
Castillo||Castiyo,Castilo|Castilla,Castello
Muñoz|Muños|Muñóz|Munios,Munyoz
Peña||Penia|Penya
Núñez|Nuñes|Nuñéz|Nunyez
Zúñiga||Suñiga,Zuñica|Zuniega
Quiñónez|Quiñones|Kiñones|Quinonis
Cáceres||Caseres,Casares|Caceras
Escobar||Escovar,Hescobar|Escabar,Eskobar
Figueroa||Figeroa,Figueroha|Figuroa,Figueroa
Guevara||Gebara,Guebara|Guavara
Portillo||Portiyo,Portilo|Portilla
Rivera||Ribera|Riviera
Orellana||Oreyana,Horellana|Orelana,Orallana
Barrientos||Varrientos,Barientos|Barrientez
Bautista||Vautista|Batista,Bautista
Vargas||Bargas|Vergas
Valdez|Valdes|Baldez|Valdiz
Villanueva||Billanueva,Viyanueva|Villaneuva,Vilanueva
Zepeda|Cepeda|Sepeda|Zapeda
Zelaya||Selaya,Zelalla|Zelayah
Ávalos||Abalos,Avaloz|Avilos
Ayala||Allala,Hayala|Ayalla
Mejía||Megia,Mexia|Mehia,Mejea
Hidalgo||Idalgo|Hildago
Huerta||Uerta,Guerta|Huerto
Huamán|Guaman|Waman|Huamann
Quispe||Kispe,Quizpe|Quispi
Mamani|||Mamoni
Condori||Kondori|Condory
Chimbo||Chinbo|Chimba
Caiza||Caisa|Kaiza
Restrepo||Restepro|Restripo
Echeverría|Etcheverria|Hecheverria,Echeberria|Echevaria
Zapata||Sapata|Zappata
Betancourt|Betancur|Vetancourt|Betancort,Bettencourt
Alvarado||Albarado|Alverado
Aguilar||Agilar,Haguilar|Aguliar
Ixcoy||Iscoy,Ishcoy|Ixcoi
Tzunux||Sunux,Tzunuz|Tsunux
Xitumul||Shitumul,Situmul|Xitimul
Caal|Cal|Kaal|Call
Choc|Chok|Choj|Chock
Ajanel||Hajanel|Ahanel
Tzoc|Tsoc|Soc|Tzock
Quej||Kej,Queg|Queh
Coc|Cok|Koc|Coq
Cuevas||Cuebas,Quevas|Cuavas
Lemus||Lemuz|Lemas
Recinos||Resinos,Rezinos|Racinos
Interiano||Hinteriano|Interianno
Cabrera||Cavrera|Cabrerra
Montoya||Montolla|Montoia
Salazar||Salasar,Zalazar|Salizar
Espinoza|Espinosa|Ezpinoza|Espinozza
Navarrete||Navarete,Nabarrete|Navarette
Solórzano||Solorsano,Zolorzano|Solarzano
Urrutia||Urutia,Hurrutia|Urrutea
Bonilla||Bonia,Boniya|Bonila
Lagos||Lagoz|Largos
Maldonado||Mardonado|McDonado,Maldanado
Cárdenas||Cardenaz|Cardinas
Ochoa||Hochoa,Ochoha|Ochowa
Benítez|Benites|Venitez|Benitz
Campos||Canpos|Compos
Miranda||Miramda|Maranda
Sandoval||Sandobal,Zandoval|Sandavol
Trejo||Trego|Treho
Palacios||Palasios,Palazios|Palacious
Carrillo||Cariyo,Carillo|Carillo
Acevedo||Asevedo,Acebedo|Azevedo
Marroquín||Marroqin,Maroquin|Marrokin
"""

# How families and clerks write surnames with particles.
LATIN_PARTICLES = """
De la Cruz|de la Cruz,Dela Cruz,Delacruz|Dela Crus|De la Cruise
De León|Deleon,de Leon|De Leom|De Lion
Del Cid|Delcid|del Sid|Del Sid
De los Santos|Delos Santos,De Los Santos|De los Santoz|Delossantos
De la Rosa|Dela Rosa,Delarosa|De la Roza|De La Rossa
De Jesús|Dejesus,de Jesus|De Jesuz|De Hesus
Del Valle|Delvalle|Del Balle|Delvale
De Paz|Depaz|De Pas|Depas
Montes de Oca|Montesdeoca|Montes de Hoca|Montes Deoca
De la O|Dela O|De la Ho|Delao
Santa María|Santamaria|Santamaría|Santa Marie
"""

HAITI_MEN = """
Jean||Yan|John,Gene
Jean-Claude|Jean Claude|Jan Claude|Jean Cloud
Jean-Robert|Jean Robert|Yan Robert|Gene Robert
Wilner|Willner|Guilner|Wilnor
Wisly|Wislly|Guisly|Whistly
Mackenson|Makenson|Maquenson|Mackinson
Emmanuel|Emanuel|Manuel|Emmanual
Dieudonné|Dieudone|Diedone|Dudonne,Dieudonnee
Frantz|Franz|Frans|Fronz
Stanley|Stenley|Estanley|Stanly
Yvenson|Ivenson|Ybenson|Evenson
Ronald|Ronal|Ronaldo|Ronnald
Jimmy|Jimy|Yimi|Jimmie
Fritznel|Fritnel|Frisnel|Fritzel
Louis-Jean|Louis Jean|Luis Jean|Lewis Jean
Guerrier|Gerrier|Guerier|Gerrier
"""
HAITI_WOMEN = """
Roseline|Rosline,Roselyne|Roselin|Rosalyn
Marie|Mari|Mari|Mary
Marie-Ange|Marie Ange|Mari Ange|Mary Ange
Guerline|Gerline|Guerlin|Gerlyn
Fabiola|Fabyola|Faviola|Fabeola
Widline|Widlyne|Guidline|Widlin
Lovely|Lovelie|Lobely|Lovley
Mirlande|Myrlande|Mirlanda|Merlande
Nadège|Nadege|Nadeche|Nadeige
Wideline|Widelyne|Guideline|Wydeline
Rose-Marie|Rose Marie|Rosmari|Rosemary
Esterline|Hesterline|Esterlin|Esterlyn
"""
HAITI_SURNAMES = """
Pierre|Piere|Pier|Peirre
Joseph|Josef|Josep|Josephe
Louis|Luis|Luis|Lewis
Charles|Charle|Charls|Charels
Jean-Louis|Jean Louis,Jeanlouis|Jan Luis|Jean Lewis
Jean-Pierre|Jean Pierre,Jeanpierre|Jan Pier|Jean Peirre
Saint-Fleur|St Fleur,Saintfleur|San Fleur|St. Flur
Saint-Louis|St Louis,Saintlouis|San Luis|St. Lewis
Étienne|Etiene|Etien|Ettienne
François|Francois|Fransua|Francoise
Dorvil|Dorville|Dorbil|Dorvill
Desrosiers|Derosier,Desrosier|Derosie|Desrozier
Exantus|Exanthus|Esantus|Exentus
Toussaint|Tousaint|Tusan|Tousant
Célestin|Celestine|Selestin|Celesten
Philogène|Philogene|Filogene|Philogine
Mésidor|Messidor|Mesidol|Masidor
Hyppolite|Hypolite|Ipolite|Hippolyte
Augustin|Agustin|Agustin|Augustine
Clervil|Clerville|Clerbil|Clervill
Baptiste|Batiste|Bautista|Baptist
Estimé|Estime|Estimé|Esteeme
Cadet|Kadet|Cadé|Caddet
"""

BRAZIL_MEN = """
João||Juao,Joao|Joe,Joao|Joca
Luiz|Luis||Louis|Luizinho
Thiago|Tiago|Tiyago|Theago|
Wellington|Welington|Uelinton,Guelinton|Wellingten|
Wesley|Uesley|Guesley|Westley|
Matheus|Mateus|Mateo|Matthews|
Vinícius|Vinicios|Binicius|Venicius|Vini
Francisco||Fransisco|Franciso|Chico
Gabriel||Gavriel|Gabrial|Biel
Rafael||Rrafael|Raphael|Rafa
Cauã|Kaua|Cagua|Kawa|
Éder|Eder|Heder|Edder|
Gilmar|Jilmar|Guilmar|Gillmar|
Diego||Dyego|Deigo|Dieguinho
"""
BRAZIL_WOMEN = """
Juliana||Yuliana|Julianna|Ju
Luciana||Lusiana|Lucianna|Lu
Márcia|Marcia|Marsia|Marsha|
Fernanda||Fernamda|Fernada|Nanda
Aparecida||Aparesida|Aparacida|Cida
Geovana|Giovanna,Giovana|Jovana|Geovanna|
Rosângela|Rosangela|Rosanjela|Roseangela|
Camila|Camilla|Kamila|Camilia|Mila
Adriana||Hadriana|Adrianna|Dri
Tatiane|Tatiana|Tatiani|Tatianne|Tati
"""
BRAZIL_SURNAMES = """
Silva|da Silva|Silba|Silver
Souza|Sousa,de Souza|Sosa|Suza
Oliveira|de Oliveira|Olivera,Oliveyra|Olivera
Santos|dos Santos|Santoz|Santoes
Pereira||Pereyra,Perera|Perreira
Ferreira||Ferreyra,Ferrera|Ferrera
Alves||Albes|Alvez
Rodrigues|Rodriguez|Rodrigez|Rodriques
Ribeiro||Ribeyro,Rivero|Ribiero
Nascimento|do Nascimento|Nasimiento|Nasciment
Gonçalves|Gonzalves|Gonsalves|Gonsalves
Conceição|da Conceicao|Conceisao|Conceicoa
Teixeira|Texeira|Teyseira|Teixera
Queiroz|Queiros|Keiroz|Quieroz
Vieira|Viera|Bieira|Veira
Magalhães|Magalhaes|Magallanes|Magalhaies
Araújo|Araujo|Arauyo|Arahujo
"""

WEST_AFRICA_MEN = """
Mamadou|Mamadu,Mohamadou|Mamadú|Mamado
Ousmane|Usman,Ousman|Usmane|Osmane
Ibrahima|Ibrahim|Ibraima|Ebrahima
Abdoulaye|Abdulai,Abdoulay|Abdulaye|Abdullaye
Cheikh|Cheick,Sheikh|Cheij|Shaikh
Moussa|Musa|Mussa|Mousa
Boubacar|Bubacar,Aboubacar|Bubakar|Boobacar
Seydou|Saidou,Seidou|Seidu|Saydoo
Souleymane|Suleiman,Soulemane|Suleimán|Sulayman
Alpha|Alfa|Alfa|Alpher
Kwame|Kwami|Cuame|Quame
Kofi|Koffi|Cofi|Coffi
Kwabena|Kwabina|Cuabena|Quabena
Chukwuemeka|Emeka,Chukwuemeca|Chucuemeca|Chukwumeka
Babatunde|Tunde,Babatunda|Babatúnde|Babatoonde
Chinedu|Chinedum|Chinedú|Chenedu
Adebayo|Bayo,Adebajo|Adevayo|Adabayo
Amadou|Ahmadou,Amadu|Amadú|Amadoo
Yaya|Yahya|Llaya|Yaia
"""
WEST_AFRICA_WOMEN = """
Fatoumata|Fatumata,Fatou|Fatumata|Fatoumatta
Aminata|Amina,Aminatta|Haminata|Amminata
Aïssatou|Aissata,Aisatu|Aisatú|Aysatou
Mariama|Mariam|Mariamma|Maryama
Ngozi|Ngosi|Engozi|Nagozi
Ifeoma|Ifeyoma|Ifeoma|Efeoma
Kadiatou|Kadiatu,Cadiatou|Kadiatú|Kadiato
Akosua|Akosia|Acosua|Akousua
"""
WEST_AFRICA_SURNAMES = """
Diallo|Jallow,Jalloh,Dialo|Diayo|Dialllo
Barry|Bari,Barrie|Barri|Berry
Bah|Ba,Baah|Va|Bar
Sow|Sou,So|Sau|Saw
Diop|Jop,Diob|Diop|Diope
Ndiaye|N'Diaye,Njie|Endiaye|Nydiaye
Traoré|Traore,Trawore|Trahore|Troare
Coulibaly|Koulibaly,Kulibali|Culibali|Coulibally
Keïta|Keita,Kaita|Queita|Kieta
Touré|Toure,Ture|Turé|Tourey
Sylla|Silla,Sila|Sila|Sylah
Camara|Kamara|Cámara|Camera
Condé|Konde,Conde|Conde|Conday
Cissé|Cisse,Sise|Sissé|Cissay
Ouédraogo|Ouedraogo,Wedraogo|Uedraogo|Ouedrago
Mensah|Mensa,Mensha|Mensa|Mensahh
Owusu|Owosu,Owusou|Ouusu|Awusu
Boateng|Boating,Boaten|Voateng|Boatang
Okafor|Okafo,Okaforr|Ocafor|Oakafor
Okonkwo|Okonkow|Oconcuo|Okwonko
Adeyemi|Adeyemy,Adeymi|Adeyemí|Adiyemi
Nwosu|Nwosou|Nuosu|Newosu
Kouassi|Kwasi,Kouasi|Cuasi|Kouasse
Konaté|Konate,Conate|Conaté|Konatay
"""

CHINA_GIVEN = """
Wei|Wai|Guei|Way
Xiaoming|Xiao Ming,Hsiao-Ming|Siaoming|Shaoming
Jianguo|Jian Guo,Chien-Kuo|Yianguo|Jiango
Meiling|Mei Ling,Mei-Ling|Meilin|Mayling
Guoqiang|Guo Qiang,Kuo-Chiang|Guochiang|Goqiang
Xiuying|Xiu Ying,Hsiu-Ying|Siuying|Shuying
Zhiqiang|Zhi Qiang,Chih-Chiang|Siqiang|Zhiquiang
Lihua|Li Hua,Li-Hua|Lijua|Leehua
Yong|Yung|Llong|Young
Jinhua|Jin Hua,Chin-Hua|Yinhua|Ginhua
Bin|Ping|Vin|Been
Xuefeng|Xue Feng,Hsueh-Feng|Suefeng|Shuefeng
Haiyan|Hai Yan,Hai-Yen|Jaiyan|Hyan
Dequan|De Quan,Te-Chuan|Decuan|Dequon
Aizhen|Ai Zhen,Ai-Chen|Aisen|Aijen
"""
CHINA_SURNAMES = """
Zhang|Chang,Cheung|Chang|Jang
Xu|Hsu|Su|Shu
Zhou|Chou,Chow|Chou|Joe
Lin|Lam|Lim|Lynn
Chen|Chan|Chien|Chenn
Huang|Wong|Juang|Hwang
Zheng|Cheng,Jheng|Seng|Jeng
Xie|Hsieh|Sie|Shie
Cai|Tsai|Chai|Kai
Zhao|Chao|Sao|Jao
Liu|Lau|Lui|Lieu
Jiang|Chiang|Yiang|Giang
Dong|Tung|Don|Dung
Weng|Yung|Gueng|Wang
Ye|Yeh|Lle|Yeah
Guo|Kuo,Kwok|Kuo|Go
"""

INDIA_MEN = """
Gurpreet|Gurprit|Gurprit|Gurpret
Harpreet|Harprit|Arprit|Harpret
Manpreet|Manprit|Manprit|Manpret
Jaspreet|Jasprit|Yasprit|Jasprete
Sukhwinder|Sukhvinder,Sukhwindar|Sucvinder|Sukwinder
Balwinder|Balvinder,Balwindar|Valvinder|Ballwinder
Lakhwinder|Lakhvinder|Lacvinder|Lakwinder
Amandeep|Amandip|Amandip|Amandeap
Navdeep|Navdip,Navadeep|Nabdip|Navdeap
Kuldeep|Kuldip|Culdip|Coldeep
Rajinder|Rajender,Rajindar|Rayinder|Rajinda
Nilesh|Neelesh|Niles|Nielesh
Bhavesh|Bavesh|Babesh|Bhavish
Jignesh|Jigneshkumar,Jigness|Yignes|Jignish
Dharmesh|Darmesh|Darmes|Dharmish
Hardik|Haardik|Ardic|Hardick
Parmjit|Paramjit,Parmjeet|Parmyit|Permjit
"""
INDIA_WOMEN = """
Rajwinder|Rajvinder|Rayvinder|Rajwinda
Simranjit|Simranjeet|Simranyit|Simrinjit
Kiranjot|Kiranjyot|Kiranyot|Kiranjoth
Bhavika|Bavika|Bavica|Bhaveka
Pooja|Puja|Poya|Poojah
Sunita|Suneeta|Zunita|Sunetta
"""
INDIA_SURNAMES = """
Singh|Sing,Sinh|Sing|Sighn
Kaur|Kour|Caur|Kuar
Patel|Pattel,Patell|Patel|Pattle
Kumar|Kumaar|Cumar|Kummar
Chaudhari|Chaudhary,Choudhry|Chaudari|Chowdhary
Sandhu|Sandu|Sandu|Sandhoo
Dhillon|Dhilon,Dillon|Dilon|Dhillion
Sidhu|Sidu,Siddhu|Sidu|Sidhoo
Grewal|Garewal|Greual|Grewall
Saini|Sainy|Zaini|Sainee
Desai|Desay|Desai|Dessai
Thakor|Thakur|Takor|Thacker
Prajapati|Prajapatti|Prayapati|Prajipati
Sharma|Sarma|Charma|Sharmah
"""

VIETNAM_GIVEN = """
Hùng|Hung|Jung|Hoong
Tuấn|Tuan|Toan|Twan
Thanh|Than|Tan|Tanh
Hương|Huong|Juong|Hwong
Phương|Phuong|Fuong|Foung
Đức|Duc|Duk|Duke
Quang|Kwang|Cuang|Quong
Dũng|Dung,Dzung|Zung|Zoong
Thúy|Thuy,Thui|Tui|Twee
Ngọc|Ngoc|Ngok|Nyoc
Trang|Chang|Tran|Trung
Linh|Lin|Lihn|Lynn
Hải|Hai|Jai|Hi
Khánh|Khanh,Kanh|Jan|Khan
"""
VIETNAM_MIDDLE = ["Văn", "Thị", "Đình", "Minh", "Hữu", "Quốc", "Thu", "Xuân"]
VIETNAM_SURNAMES = """
Nguyễn|Nguyen,Nguyin|Nuyen|Ngyuen,Nugyen
Trần|Tran|Tram|Trann
Lê|Le,Lee|Ley|Lay
Phạm|Pham,Fam|Fan|Phan
Hoàng|Hoang,Huynh|Juang|Huang
Võ|Vo,Vu|Bo|Voe
Đặng|Dang|Dan|Dhang
Bùi|Bui|Buy|Buoy
Đỗ|Do|Dó|Doe
Dương|Duong,Duonng|Duon|Young
Ngô|Ngo|Engo|Ngoh
"""

ARABIC_MEN = """
Mohamed|Mohammed,Muhammad,Mohammad|Mojamed,Moamed|Muhamed
Ahmed|Ahmad,Ahmet|Amed|Achmed
Abdullah|Abdallah,Abdulla|Abdula|Abdulah
Abdelrahman|Abdul Rahman,Abdurrahman|Abderraman|Abdel Rahman,Abdulrahman
Yousef|Yusuf,Youssef|Yusef,Yucef|Yousif
Hussein|Hussain,Husein|Jusein|Hossein
Khaled|Khalid|Jaled,Kaled|Kalid
Omar|Umar|Homar|Omer
Mustafa|Mostafa,Moustapha|Mustafá|Mustapha
Mahmoud|Mahmud,Mahmood|Majmud|Mamoud
Tarek|Tariq,Tarik|Tárec|Tareq
Bilal|Belal|Vilal|Billal
Hamza|Hamzah|Jamza|Hamsa
Saeed|Said,Sayed|Zaid|Saaed
"""
ARABIC_WOMEN = """
Fatima|Fatma,Fatimah|Fátima|Fateema
Aisha|Aicha,Aysha|Aischa|Ayesha
Zeinab|Zainab,Zaynab|Seinab|Zaineb
Nour|Noor,Nur|Nur|Noure
Khadija|Khadijah,Kadija|Jadiya|Kadeeja
Mariam|Maryam,Meryem|Mariám|Miriam
Huda|Hoda|Juda|Hooda
"""
ARABIC_SURNAMES = """
Al-Masri|El Masry,Almasri|Almasry|Al Masree
Hassan|Hasan,Hassen|Jasan|Hassaan
Al-Hussein|Alhussein,El Hussein|Aljusein|Al Hussain
Ibrahim|Ebrahim,Ibraheem|Ibraim|Abrahim
Al-Sayed|El Sayed,Elsayed|Alsayed|El Sayyid
Haddad|Hadad,Haddaad|Jadad|Hadded
Al-Khatib|El Khateeb,Alkhatib|Aljatib|Al Kateeb
Saleh|Salih,Salah|Sale|Salleh
Qasim|Kassem,Qassem|Casim|Kasim
Al-Najjar|El Naggar,Alnajjar|Alnayar|Al Najar
Bennani|Benani,Bin Nani|Venani|Bennany
Othman|Osman,Uthman|Otman|Othmann
Al-Shami|El Shamy,Alshami|Alchami|Al Shammi
Ould Ahmed|Ouldahmed,Oulad Ahmed|Uld Ahmed|Old Ahmed
Mansour|Mansur,Mansoor|Manzur|Monsour
"""

SLAVIC_MEN = """
Aleksandr|Alexander,Oleksandr|Alexandr|Alexandar|Sasha
Dmitriy|Dmitry,Dmytro|Dimitri|Dmitrii|Dima
Sergey|Sergei,Serhii|Serguei|Sergay|Seryozha
Yevgeniy|Evgeny,Yevhen|Evgueni|Eugene|Zhenya
Mikhail|Mykhailo,Michail|Mijail|Mikail|Misha
Andrey|Andrei,Andrii|Andréi|Andre|
Nikolay|Nikolai,Mykola|Nicolai|Nikolie|Kolya
Vladimir|Volodymyr,Wladimir|Bladimir|Vladimer|Vova
Oleg|Oleh|Olek|Olegg|
Yuriy|Yuri,Iurii|Yury|Yurie|Yura
Maksim|Maxim,Maksym|Máximo|Macsim|Max
Ruslan||Rruslan|Rouslan|
Vitaliy|Vitaly,Vitalii|Bitali|Vitally|Vitalik
"""
SLAVIC_WOMEN = """
Yuliya|Iuliia,Yulia|Julia|Julia|Yulya
Natalya|Nataliia,Natalia|Natalia|Nathalia|Natasha
Yekaterina|Ekaterina,Kateryna|Katerina|Ekatarina|Katya
Tatyana|Tetiana,Tatiana|Tatiana|Tatianna|Tanya
Oksana|Oxana|Ocsana|Oksanna|
Svetlana|Svitlana|Esvetlana|Svetlanna|Sveta
Iryna|Irina,Irena|Irina|Ireena|Ira
Olga|Olha|Holga|Olgah|Olya
"""
# Surnames that end in -v or -n take an -a for women.
SLAVIC_SURNAMES = """
Kuznetsov|Kuznecov,Kouznetsov|Cusnetsov|Kusnetsov
Petrenko|Petrenco|Petrenco|Petrinko
Shevchenko|Chevchenko,Szewczenko|Chevchenco|Shevshenko
Kovalenko|Kovalenco|Cobalenco|Kovolenko
Bondarenko|Bondarenco|Vondarenko|Bonderenko
Smirnov|Smirnoff|Esmirnov|Smirnof
Vasilyev|Vasiliev,Vassiliev|Basiliev|Vasilev
Yakovlev|Iakovlev|Llakovlev|Yakolev
Zaytsev|Zaitsev,Zaicev|Saitsev|Zaitzev
Chernyshev|Tchernychev,Chernishev|Cherniche|Chernyshov
Zhukov|Jukov,Zukov|Yukov|Zhukoff
Tsvetkov|Cvetkov|Svetkov|Tsvetkoff
Hrytsenko|Gritsenko|Gritzenco|Hritsenko
Lysenko|Lisenko|Lisenco|Lysenco
Melnyk|Melnik|Mélnic|Mellnick
Oliinyk|Oleinik,Oliynyk|Olinic|Olinyk
Abdullayev|Abdullaev|Abdulaev|Abdulayev
Akhmetov|Ahmetov|Ajmetov|Akmetov
"""

ENGLISH_MEN = """
Michael|Micheal|Maicol|Michel|Mike
Christopher|Kristopher|Cristofer|Christofer|Chris
Stephen|Steven,Stephan|Estiven|Stephon|Steve
Geoffrey|Jeffrey,Jeffery|Yefri|Jeffry|Jeff
Philip|Phillip|Filip|Philipp|Phil
Sean|Shawn,Shaun|Chon|Seann|
Devon|Devin|Debon|Devonne|
Marlon|Marlin|Marlom|Marlen|
William|Willam|Wiliam,Güiliam|Willaim|Bill,Will
Robert|Robbert|Rober|Robet|Bob,Rob
Andrew|Andrue|Andru|Andrews|Drew,Andy
Richard|Ritchard|Richar|Richerd|Rick,Dick
"""
ENGLISH_WOMEN = """
Catherine|Katherine,Kathryn|Caterin|Cathrine|Kate,Cathy
Nicole|Nichole|Nicol|Nickole|Nikki
Shanice|Shaniece|Chanis|Shaneice|
Latoya|LaToya,Latoyah|Latolla|Letoya|Toya
Elizabeth|Elisabeth|Elisabet|Elizabith|Liz,Beth
Rebecca|Rebekah|Rebeca|Rebbecca|Becky
"""
ENGLISH_SURNAMES = """
Campbell|Cambell,Campbel|Cambel|Camble
Clarke|Clark|Clarque|Clerke
Thompson|Thomson,Tompson|Tomson|Thompsen
McKenzie|MacKenzie,Mckensie|Maquenzi|McKinzie
O'Connor|OConnor,O Connor|Oconor|O'Conner
Reid|Reed,Read|Rid|Ried
Johnson|Johnston,Jonson|Yonson|Johnsen
Stewart|Stuart|Estuar|Steward
Browne|Brown|Braun|Brownne
Phillips|Philips|Filips|Phillipps
Bailey|Baily,Bayley|Beili|Baley
Williams|Willams|Wiliams|Wiliams
"""
