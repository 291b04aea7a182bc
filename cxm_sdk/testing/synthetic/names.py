"""Given names and surnames of the synthetic customers, by culture.

Lists are in falling order of frequency and written from general knowledge. A token may carry the form of
another script after an equals sign (``Ivan=Иван``); an underscore stands for a space inside one name.
Surnames come as a list of common ones and as beginnings, middles and ends from which some thousands of rare
ones are put together: the long tail of rare surnames is what customer files have and lists of names lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CULTURES", "SHORT_FORMS", "Culture"]


@dataclass(frozen=True)
class Culture:
    """The names of one culture.

    Attributes:
        code: Short name of the culture.
        male: Given names of men, most frequent first.
        female: Given names of women, most frequent first.
        surnames: Common surnames, most frequent first.
        starts: Beginnings of rare surnames.
        middles: What may stand between beginning and end (a hyphen token stands for nothing).
        ends: Ends of rare surnames.
        two_surnames: Whether people bear the first surnames of both parents.
        female_ends: Ends of surnames that differ for women, as ``male/female`` tokens, the longest first.
    """

    code: str
    male: str
    female: str
    surnames: str
    starts: str
    middles: str
    ends: str
    two_surnames: bool = False
    female_ends: str = ""


CULTURES: Final = (
    Culture(
        code="english",
        male="James John David Michael Robert Thomas William Daniel Christopher Richard Matthew Andrew Mark "
        "Joseph Paul Anthony Steven Peter Edward Stephen George Benjamin Samuel Jonathan Kevin Simon "
        "Ian Timothy Philip Alexander Joshua Adam Nicholas Stuart Gary Jack Oliver Harry Charles Henry "
        "Ryan Liam Luke Nathan Patrick Graham Martin Kenneth Gregory Raymond Frederick Albert Douglas "
        "Russell Leonard Lewis Callum Connor Rhys Declan Rory Dylan Evan Owen Hugh Neil Colin Derek "
        "Trevor Clive Nigel Duncan Malcolm Barnaby Rupert Silas",
        female="Mary Sarah Elizabeth Emma Susan Margaret Jennifer Patricia Laura Karen Helen Claire Rebecca "
        "Jane Emily Rachel Amanda Julie Charlotte Katherine Victoria Nicola Michelle Samantha "
        "Jessica Hannah Alice Lucy Sophie Olivia Deborah Christine Linda Barbara Sandra Amy Anne "
        "Dorothy Joan Alison Kathleen Abigail Megan Chloe Grace Louise Eleanor Molly Natalie "
        "Stephanie Jacqueline Gemma Kerry Bethany Zoe Holly Heather Fiona Siobhan Bronwen Imogen "
        "Harriet Florence Beatrice Pamela Gillian Maureen Philippa Rosemary Tamsin Winifred",
        surnames="Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson "
        "Thompson Wright Walker White Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson "
        "Wood Turner Martin Cooper Hill Ward Morris Moore Clark Lee King Baker Harrison Morgan "
        "Allen James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths Mitchell "
        "Kelly Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan "
        "Marshall Anderson Simpson Ellis Adams Singh Wilkinson Foster Chapman Powell Webb Rogers "
        "Gray Mason Ali Hunt Hussain Campbell Matthews Owen Palmer Holmes Mills Barnes Knight "
        "Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon Harvey Graham O'Brien "
        "O'Connor MacDonald McCarthy Fitzgerald",
        starts="Ash Black Brad Brough Cald Castle Chad Clay Crom Dar Den Ding Dun East Fair Farn Fen Gar "
        "Glad Hal Han Har Hart Hather Hazel Hep Hol Hux Kel Lang Lin Long Mar Mid Mill Nor Oak Old "
        "Pem Rad Rams Red Rock Ruth Sed Shel Sher Stan Stock Sut Tat Thorn Tun Wake Wal War West "
        "Whit Win Wool Wy",
        middles="- er ing en el ar in",
        ends="ton ford ley worth field well by ham wick wood bury shaw more "
        "land croft bridge stead combe dale gate",
    ),
    Culture(
        code="german",
        male="Thomas Michael Andreas Peter Stefan Christian Wolfgang Klaus Jürgen Martin Frank Alexander "
        "Markus Uwe Matthias Bernd Daniel Jan Sebastian Hans Jörg Tobias Dieter Manfred Werner Florian "
        "Philipp Heinz Günter Maximilian Lukas Felix Jonas Paul Leon Tim Niklas Johannes Karl Rainer "
        "Helmut Gerhard Horst Ralf Sven Torsten Dirk Holger Björn Lars Benjamin Fabian Simon David "
        "Moritz Jakob Friedrich Ulrich Joachim Hermann Kurt Rolf Volker Axel Detlef Götz Hans-Peter "
        "Karl-Heinz Hans-Jürgen Klaus-Dieter Veit Lothar Ansgar",
        female="Ursula Sabine Susanne Petra Monika Andrea Claudia Birgit Anna Maria Martina Gabriele Nicole "
        "Stefanie Barbara Karin Renate Angelika Heike Julia Katharina Sandra Christine Anja Kerstin "
        "Elisabeth Helga Christina Silke Brigitte Ingrid Tanja Laura Sarah Lena Lea Johanna Sophie "
        "Marie Hannah Anke Ute Melanie Katja Silvia Gisela Jutta Erika Franziska Vanessa Nina Heidi "
        "Ulrike Dagmar Marlene Margarete Käthe Hildegard Gertrud Waltraud Anneliese Lieselotte "
        "Friederike Antje Wiebke Anna-Lena Eva-Maria Ann-Kathrin Mechthild Svenja",
        surnames="Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch "
        "Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann "
        "Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Köhler "
        "Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn "
        "Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann "
        "Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt "
        "Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Schulte Dietrich "
        "Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer "
        "von_Berg",
        starts="Acker Alt Auer Bach Baum Berg Birken Bock Brand Breit Buch Burg Dorn Eber Eich Eis Ellen "
        "Erl Fels Feld Finken Forst Frei Grün Hasel Heid Hell Hirsch Hoch Hohen Holz Kalt Kirch "
        "Klingen Krumm Lauter Lind Lohr Mühl Neu Nieder Ober Reichen Rosen Rott Sand Schön Schwarzen "
        "Stein Steg Stoll Tann Traut Wald Wasser Weiden Wein Wind Zell Zinn",
        middles="- l er en",
        ends="mann bauer meier hofer berger stein feld müller hauser wald bach brecht hardt huber inger "
        "egger thaler rath schläger wein",
    ),
    Culture(
        code="french",
        male="Jean Pierre Michel Philippe Alain Nicolas Christophe Patrick Daniel Bernard Christian "
        "Frédéric Laurent Stéphane Eric David Pascal Thierry Olivier Thomas Alexandre Julien Sébastien "
        "Jacques François Gérard Marc Vincent Bruno Antoine Maxime Kevin Guillaume Jérôme Lucas Hugo "
        "Romain Mathieu Clément Didier Gilles Franck Dominique André Serge Quentin Yves Benoît Rémi "
        "Théo Louis Jules Cédric Fabrice Hervé Étienne Jean-Pierre Jean-Luc Jean-Claude Jean-Marc Loïc "
        "Gaël Aurélien Corentin Raphaël Thibault Léon Gaston",
        female="Marie Nathalie Isabelle Sylvie Catherine Martine Christine Françoise Valérie Sandrine "
        "Stéphanie Véronique Sophie Céline Chantal Patricia Anne Julie Laurence Aurélie Nicole "
        "Monique Émilie Camille Brigitte Caroline Virginie Claire Laura Élodie Charlotte Manon Sarah "
        "Pauline Mathilde Léa Chloé Emma Inès Dominique Corinne Florence Delphine Karine Hélène "
        "Agnès Béatrice Jacqueline Michèle Marie-Claude Anne-Marie Marie-Christine Marie-Thérèse "
        "Colette Odile Solène Noémie Maëlle Anaïs Geneviève Élise Margaux Yvonne",
        surnames="Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel "
        "Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine "
        "Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier "
        "François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu "
        "Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun "
        "Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martínez Gérard Roche "
        "Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud",
        starts="Beau Bel Bon Bour Bru Cas Chab Chan Char Chau Clav Cour Cou Dan Dau Dela Des Dro Du Fau Fey "
        "Fla Fou Gau Ger Gran Gri Gui Jac Jau La Lac Lan Le Mal Mar Mau Mon Mont Mou Nau Pas Pel Per "
        "Pin Pou Ray Ri Rou Sab Sau Ser Tau Tho Tra Va Ver Vil",
        middles="- ba cha do la ma ri",
        ends="beau chard court din dier gnac lard let mont nard neau nier pin "
        "quet rand reau rier sac taud ville",
    ),
    Culture(
        code="spanish",
        male="Antonio José Manuel Francisco David Juan Javier Daniel Jesús Carlos Alejandro Miguel Rafael "
        "Pedro Pablo Ángel Sergio Fernando Jorge Luis Alberto Álvaro Adrián Diego Raúl Iván Óscar "
        "Rubén Enrique Ramón Andrés Vicente Santiago Joaquín Víctor Mario Eduardo Roberto Jaime Marcos "
        "Ignacio Hugo Alfonso Salvador Ricardo Emilio Guillermo Gabriel Gonzalo Julio José-Luis "
        "Juan-Carlos Francisco-Javier José-Antonio Iker Unai Jordi",
        female="María Carmen Ana Isabel Laura Cristina Marta Lucía Josefa Antonia Dolores Francisca Sara "
        "Paula Elena Pilar Raquel Concepción Mercedes Julia Alba Beatriz Rosario Juana Teresa "
        "Encarnación Irene Silvia Patricia Montserrat Andrea Rocío Mónica Rosa Alicia Sonia Sandra "
        "Ángela Marina Susana Natalia Yolanda Margarita Eva Claudia Inmaculada Ana-María María-José "
        "María-Carmen María-Pilar Esther Noelia Verónica Carla Sofía Nuria Lorena Inés Amparo "
        "Consuelo Esperanza Ainhoa Leire",
        surnames="García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez "
        "Hernández Ruiz Díaz Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez "
        "Ramos Vázquez Ramírez Gil Serrano Morales Molina Blanco Suárez Castro Ortega Delgado "
        "Ortiz Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido Santos Guerrero "
        "Lozano Cano Cruz Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo "
        "Vidal Campos Reyes Vega Fuentes Carrasco Díez Aguilar Caballero Nieto Santana Vargas "
        "Pascual Giménez Herrero Hidalgo Montero Lorenzo Santiago Benítez Durán Ibáñez Arias Mora "
        "Ferrer Carmona Vicente",
        starts="Abar Aguir Albar Alcar Aldar Almen Ander Arag Aram Arce Barr Basa Beni Berm Bur Cald Cama "
        "Cañ Cara Carb Casta Ceb Corr Cue Dela Echa Elor Esca Espi Fari Fig Gali Gorri Gue Iba Ira "
        "Iri Jura Laba Lara Larr Liza Mada Mal Men Mira Mon Oli Ore Pala Pare Que Ribe Sala San Segu "
        "Sol Tor Urr Vala Vill Zab Zua",
        middles="- a e i o",
        ends="al bal ceta da dero dez do jo la ldi lles mendi na nza ral rena rri ta ñana zo",
        two_surnames=True,
    ),
    Culture(
        code="italian",
        male="Giuseppe Marco Andrea Francesco Antonio Giovanni Alessandro Luca Roberto Paolo Mario Stefano "
        "Matteo Davide Luigi Daniele Salvatore Simone Massimo Angelo Claudio Lorenzo Fabio Riccardo "
        "Vincenzo Maurizio Federico Domenico Alberto Michele Giorgio Carlo Filippo Gabriele Franco "
        "Enrico Nicola Pietro Emanuele Sergio Giacomo Tommaso Raffaele Edoardo Gianluca Bruno Leonardo "
        "Mattia Cristian Pasquale Gennaro Gaetano Giancarlo Pierluigi Gianfranco Ettore Niccolò "
        "Michelangelo",
        female="Maria Anna Francesca Giulia Laura Elena Chiara Paola Sara Valentina Alessandra Silvia "
        "Martina Federica Rosa Barbara Giovanna Elisa Angela Monica Simona Roberta Claudia Cristina "
        "Daniela Patrizia Alice Giuseppina Antonella Teresa Lucia Ilaria Sofia Stefania Manuela "
        "Marta Carla Serena Beatrice Aurora Giorgia Camilla Margherita Concetta Carmela Rita "
        "Caterina Luisa Emma Ginevra Anna-Maria Mariangela Immacolata Ornella Loredana Donatella "
        "Nicoletta Mirella Graziella",
        surnames="Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti "
        "De_Luca Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani "
        "Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra "
        "Coppola De_Santis D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco "
        "Marini Grasso Valentini Messina Sala De_Angelis Gatti Pellegrini Palumbo Sanna Farina "
        "Rizzi Monti Cattaneo Morelli Amato Silvestri Mazza Testa Grassi Pellegrino Carbone "
        "Giuliani Benedetti Barone Rossetti Caputo Montanari Guerra Palmieri Bernardi Martino "
        "Fiore De_Rosa Ferretti",
        starts="Alber Ange Bal Ban Barto Bel Berga Bon Bor Bra Cal Cam Can Capo Car Casti Cera Ciar Cora "
        "Cor Dal Del Don Fal Fan Fio Fran Gal Gar Gari Gior Gra Gua Lan Lom Mal Man Mar Mas Men Mon "
        "Nar Oli Pag Pal Pas Pel Pic Pol Ram Ric Sal San Scar Sper Tar Tom Tra Val Ven Vis Zan",
        middles="- ber do gar la ma ni",
        ends="aro atti azzi cci chi dini elli enti etti ghi glio ini lli nato oli oni otti rini sio telli",
    ),
    Culture(
        code="dutch",
        male="Jan Johan Peter Hendrik Cornelis Willem Pieter Dirk Gerrit Marcel Mark Robert Erik Martijn "
        "Jeroen Thomas Dennis Daan Sem Lucas Bram Jasper Tim Sander Bas Kees Rob Henk Ruud Theo Wim "
        "Frank Hans Maarten Michiel Niels Joost Pim Thijs Koen Stijn Ruben Luuk Lars Floris Wouter "
        "Arjan Jacobus Johannes Adriaan Sjoerd Teun",
        female="Maria Johanna Anna Cornelia Elisabeth Petra Monique Esther Linda Ingrid Sandra Marieke "
        "Anouk Sanne Lotte Emma Julia Sophie Eva Lisa Femke Fleur Iris Karin Annemarie Wilhelmina "
        "Hendrika Margaretha Catharina Jolanda Astrid Miranda Bianca Marjan Yvonne Saskia Mirjam "
        "Nienke Inge Roos Tess Noor Fenna Elise Marloes Willemijn Liesbeth Hanneke Annelies Tineke "
        "Joke Corrie Greetje",
        surnames="de_Jong Jansen de_Vries van_den_Berg van_Dijk Bakker Janssen Visser Smit Meijer de_Boer "
        "Mulder de_Groot Bos Vos Peters Hendriks van_Leeuwen Dekker Brouwer de_Wit Dijkstra Smits "
        "de_Graaf van_der_Meer van_der_Linden Kok Jacobs de_Haan Vermeulen van_den_Heuvel "
        "van_der_Veen van_den_Broek de_Bruijn de_Bruin van_der_Heijden Schouten van_Beek Willems "
        "van_Vliet van_de_Ven Hoekstra Maas Verhoeven Koster van_Dam van_der_Wal Prins Blom "
        "Huisman Peeters de_Jonge Kuipers van_Veen Post Kuiper Veenstra Kramer van_den_Brink "
        "Scholten van_Wijk Postma Martens Vink de_Ruiter Timmermans Groen Gerritsen Jonker "
        "van_Loon Boer",
        starts="Achter Bloem Boom Bosch Broek Burg Dijk Dries Duin Eike Gras Groene Haver Heer Hoge Hout "
        "Kerk Klaver Klein Knoop Koning Lage Land Linde Meer Middel Molen Nieuw Noord Oost Oude "
        "Peere Riet Rood Rozen Schaap Slot Spring Steen Stern Terp Tuin Veld Water West Wijn Wilde "
        "Wind Winter Woud Zand Zee Zuid",
        middles="- en er el",
        ends="berg boom bosch broek burg dam donk dorp hof horst hout huizen kamp "
        "laar man meer stra veld ven wijk",
    ),
    Culture(
        code="polish",
        male="Piotr Krzysztof Andrzej Tomasz Paweł Jan Michał Marcin Jakub Adam Marek Łukasz Grzegorz "
        "Mateusz Wojciech Stanisław Mariusz Dariusz Zbigniew Maciej Rafał Robert Jerzy Kamil Dawid "
        "Szymon Jacek Józef Kacper Bartosz Ryszard Tadeusz Sławomir Artur Jarosław Przemysław "
        "Sebastian Damian Bartłomiej Henryk Wiesław Filip Patryk Dominik Karol Leszek Bogdan Zdzisław "
        "Mirosław Waldemar Mieczysław",
        female="Anna Katarzyna Maria Małgorzata Agnieszka Barbara Ewa Krystyna Elżbieta Magdalena Joanna "
        "Aleksandra Zofia Monika Teresa Natalia Julia Karolina Marta Beata Dorota Jadwiga Danuta "
        "Halina Irena Alicja Iwona Jolanta Grażyna Justyna Paulina Sylwia Zuzanna Wiktoria Hanna "
        "Oliwia Bożena Urszula Renata Kinga Patrycja Izabela Stanisława Weronika Wanda Helena Maja "
        "Amelia Lena Edyta Aneta Ilona",
        surnames="Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański "
        "Woźniak Dąbrowski Kozłowski Jankowski Mazur Wojciechowski Kwiatkowski Krawczyk Kaczmarek "
        "Piotrowski Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Wróbel Nowakowski "
        "Majewski Olszewski Stępień Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Górski "
        "Witkowski Walczak Sikora Baran Rutkowski Michalak Szewczyk Ostrowski Tomaszewski Pietrzak "
        "Zalewski Wróblewski Marciniak Jasiński Zawadzki Bąk Jakubowski Sadowski Duda Włodarczyk "
        "Wilk",
        starts="Bar Biel Błaż Bog Bor Brzoz Buk Cheł Cis Czar Dob Drze Gal Gaw Gier Glin Gor Grab Jag Jan "
        "Jar Kacz Kal Kar Kier Klim Kol Kon Kos Kras Krup Kub Lip Lis Łas Mak Mal Mar Mich Mosz Oleś "
        "Ost Pal Piech Plu Pod Prus Rad Rog Rud Sad Skow Sob Stan Stel Szcz Tar Tom Urb Wal Was Wit "
        "Zak Zar Żur",
        middles="- ar in ow al ań",
        ends="ski iewski owski icki ecki czyk ak ek ewicz owicz ik uk aszek iński alski",
        female_ends="ski/ska cki/cka dzki/dzka",
    ),
    Culture(
        code="portuguese",
        male="João José António Manuel Carlos Pedro Paulo Luís Rui Miguel Francisco Tiago Ricardo Nuno "
        "André Jorge Fernando Joaquim Hugo Diogo Bruno Rafael Gonçalo Daniel Mário Duarte Rodrigo "
        "Marcelo Felipe Gustavo Lucas Mateus Vítor Sérgio Eduardo Henrique Álvaro Domingos Raul "
        "Armando Leandro Thiago",
        female="Maria Ana Paula Sofia Inês Mariana Catarina Joana Marta Rita Beatriz Sara Isabel Teresa "
        "Carla Sandra Cristina Cláudia Patrícia Helena Fernanda Lúcia Margarida Filipa Susana "
        "Matilde Leonor Carolina Juliana Camila Amanda Aline Adriana Vanessa Raquel Tânia Conceição "
        "Fátima Rosa Graça Luísa",
        surnames="Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Jesus Sousa Fernandes "
        "Gonçalves Gomes Lopes Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira "
        "Correia Mendes Nunes Soares Vieira Monteiro Cardoso Rocha Raposo Neves Coelho Cruz Cunha "
        "Pires Ramos Reis Simões Antunes Matos Fonseca Machado Araújo Barbosa Tavares Lourenço "
        "Castro Figueiredo Azevedo dos_Santos da_Silva de_Oliveira",
        starts="Abra Albu Alca Ama Ara Bar Bas Bela Bote Bra Caba Cal Cama Car Cas Cer Cor Esta Fal Fari "
        "Fei Fro Gal Gar Gui Lace Lei Lou Mace Mal Mar Men Mon Mou Nobre Pai Pas Pen Quei Ra Sal Sam "
        "San Sea Sei Tei Val Var Vas",
        middles="- la ma no re",
        ends="bra ça cedo da deiro des do doso go lha lho nha nheiro ra ral reira ro roso ta tinho",
        two_surnames=True,
    ),
    Culture(
        code="turkish",
        male="Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim İsmail Osman Yusuf Murat Ömer Ramazan Halil "
        "Süleyman Abdullah Mahmut Recep Salih Fatih Kadir Emre Hakan Adem Serkan Orhan Yaşar Bülent "
        "Cem Burak Onur Volkan Tolga Gökhan Uğur Kemal Cemal Selim Can Deniz Kerem Emir Barış",
        female="Fatma Ayşe Emine Hatice Zeynep Elif Meryem Şerife Zehra Sultan Hanife Merve Havva Zeliha "
        "Esra Özlem Yasemin Hülya Dilek Sevgi Büşra Kübra Songül Gülsen Leyla Aysel Nurcan Derya "
        "Ebru Pınar Gamze Tuğba Selin Ceren Aylin Sibel Filiz Nur Defne",
        surnames="Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç "
        "Aslan Çetin Kara Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğan Yavuz Can Acar Şen "
        "Aktaş Güler Yalçın Güneş Bozkurt Bulut Keskin Ünal Turan Gül Özer Işık Kaplan Avcı Sarı "
        "Tekin Taş Köse Yüksel Ateş Aksoy",
        starts="Ak Al Alt Ar Bal Bay Boz Çal Dal Dem Er Gök Gül Gün Kar Kızıl Kor Kut Oğuz Öz Sağ Sar Sev "
        "Tan Taş Tur Uz Yal Yar Yaz",
        middles="- a ı tu",
        ends="baş bek bulut can çı dağ demir doğan han kan kaya lar maz oğlu sal soy taş türk yol yürek",
    ),
    Culture(
        code="arabic",
        male="Mohammed=محمد Ahmed=أحمد Ali=علي Omar=عمر Hassan=حسن Hussein=حسين Ibrahim=إبراهيم Yusuf=يوسف "
        "Khalid=خالد Mahmoud=محمود Mustafa=مصطفى Abdullah=عبدالله Said=سعيد Karim=كريم Tariq=طارق "
        "Samir=سمير Bilal=بلال Hamza=حمزة Ismail=إسماعيل Rashid=رشيد Nabil=نبيل Jamal=جمال Faisal=فيصل "
        "Imran=عمران Amir=أمير Zakaria=زكريا Anwar=أنور Youssef=يوسف Muhammad=محمد Mohamed=محمد "
        "Abdul=عبد Adnan=عدنان Salim=سالم",
        female="Fatima=فاطمة Aisha=عائشة Maryam=مريم Khadija=خديجة Zainab=زينب Amina=أمينة Leila=ليلى "
        "Nadia=نادية Sara=سارة Yasmin=ياسمين Samira=سميرة Hanan=حنان Salma=سلمى Noor=نور Rania=رانيا "
        "Layla=ليلى Mona=منى Huda=هدى Iman=إيمان Karima=كريمة Farida=فريدة Hana=هناء Sumaya=سمية "
        "Asma=أسماء Zahra=زهراء Rabia=رابعة",
        surnames="Ahmed=أحمد Ali=علي Khan=خان Hussain=حسين Hassan=حسن Mohamed=محمد Ibrahim=إبراهيم "
        "Abdullah=عبدالله Malik=مالك Rahman=رحمن Shah=شاه Mahmood=محمود Iqbal=إقبال Saleh=صالح "
        "Mansour=منصور Haddad=حداد Khalil=خليل Nasser=ناصر Saad=سعد Hamdi=حمدي Farouk=فاروق "
        "Aziz=عزيز Salem=سالم Bakr=بكر Amin=أمين Yousef=يوسف Othman=عثمان Hamid=حميد Rashid=راشد "
        "Sharif=شريف El_Idrissi=الإدريسي Benali=بنعلي Bouzid=بوزيد",
        starts="Al-=ال Ben=بن Bou=بو El-=ال Abu=أبو Ait-=آيت",
        middles="Ma=م Sa=س Ha=ح Ka=ك Za=ز Fa=ف Ra=ر Ta=ت Na=ن Ba=ب",
        ends="mdani=مداني ssan=سان likh=لخ rifi=ريفي tani=تاني dir=در zzouz=زوز rroub=روب jjar=جار "
        "ddadi=دادي bbas=باس llal=لال nnouni=نوني chir=شير miri=ميري yyad=ياد",
    ),
    Culture(
        code="indian",
        male="Rahul Amit Rajesh Sanjay Vijay Suresh Anil Sunil Ravi Arjun Rohan Vikram Manoj Ashok Deepak "
        "Ramesh Kiran Harpreet Gurpreet Manjit Jaspreet Nikhil Karan Aditya Vivek Prakash Dinesh "
        "Mahesh Ajay Rakesh Naveen Dev Krishna Srinivas Mukesh Jagdish Balwinder Sukhdev",
        female="Priya Anita Sunita Neha Pooja Kavita Anjali Divya Meena Rekha Lakshmi Geeta Sita Deepa "
        "Shreya Nisha Asha Usha Radha Swati Ritu Manisha Jaswinder Harjit Simran Kiran Aarti Vidya "
        "Nandini Lata Padma Savita",
        surnames="Patel Singh Kaur Shah Sharma Kumar Gupta Desai Mehta Joshi Reddy Nair Iyer Rao Chopra "
        "Kapoor Malhotra Verma Mistry Parmar Chauhan Gill Dhillon Sandhu Sidhu Bains Grewal Das "
        "Banerjee Mukherjee Chatterjee Bose Sen Ghosh Pillai Menon Agarwal Jain Trivedi Bhatt "
        "Pandya Modi Solanki Begum",
        starts="Am Bal Bha Chand Dal Dee Dha Gan Gop Har Jag Jay Kal Kri Lal Mad Mal Man Nag Nar Pad Par "
        "Pra Raj Ram Ran Sat Sha Sri Sub Sur Tha Ven Vik",
        middles="- a i u en",
        ends="chandra dani deep dev garh gopal kar kanth lingam nath nathan pal raj "
        "ram ratna swamy tham wal war wani",
    ),
    Culture(
        code="chinese",
        male="Wei=伟 Jun=军 Ming=明 Lei=磊 Jie=杰 Hao=浩 Tao=涛 Peng=鹏 Bin=斌 Qiang=强 Yong=勇 Jian=健 "
        "Feng=峰 Bo=波 Chao=超 Kai=凯 Hui=辉 Gang=刚 Long=龙 Zhiqiang=志强 Jianguo=建国 Xiaoming=小明 "
        "Zihao=子豪 Haoran=浩然 Yichen=宜辰 Guoqiang=国强 Wenbo=文博 Jiawei=嘉伟 Yifan=一凡 "
        "Zhenhua=振华",
        female="Fang=芳 Na=娜 Min=敏 Jing=静 Li=丽 Yan=艳 Ying=英 Xia=霞 Juan=娟 Mei=梅 Xiu=秀 Lan=兰 "
        "Hong=红 Yun=云 Xue=雪 Qian=倩 Ting=婷 Yue=月 Rui=蕊 Xin=欣 Lin=琳 Xiaoli=晓丽 Yuting=雨婷 "
        "Xinyi=欣怡 Meiling=美玲 Xiaohong=小红 Jiayi=佳怡 Shuying=淑英 Huifang=慧芳 Yanan=亚楠",
        surnames="Wang=王 Li=李 Zhang=张 Liu=刘 Chen=陈 Yang=杨 Huang=黄 Zhao=赵 Wu=吴 Zhou=周 Xu=徐 Sun=孙 "
        "Ma=马 Zhu=朱 Hu=胡 Guo=郭 He=何 Lin=林 Gao=高 Luo=罗 Zheng=郑 Liang=梁 Xie=谢 Song=宋 "
        "Tang=唐 Deng=邓 Han=韩 Feng=冯 Cao=曹 Peng=彭 Zeng=曾 Xiao=肖 Tian=田 Dong=董 Pan=潘 "
        "Yuan=袁 Cai=蔡 Jiang=蒋 Yu=余 Du=杜 Ye=叶 Cheng=程 Wei=魏 Su=苏 Lu=卢 Ding=丁 Ren=任 "
        "Yao=姚 Shen=沈 Zhong=钟",
        starts="Ou=欧 Si=司 Shang=上 Huang=皇 Zhu=诸 Gong=公 Dong=东",
        middles="-",
        ends="yang=阳 ma=马 guan=官 fu=甫 ge=葛 sun=孙 fang=方 tu=徒 men=门 ye=冶",
    ),
    Culture(
        code="russian",
        male="Alexander=Александр Sergey=Сергей Dmitry=Дмитрий Andrey=Андрей Alexey=Алексей "
        "Vladimir=Владимир Mikhail=Михаил Ivan=Иван Nikolay=Николай Yury=Юрий Evgeny=Евгений "
        "Igor=Игорь Oleg=Олег Maxim=Максим Viktor=Виктор Pavel=Павел Artem=Артём Konstantin=Константин "
        "Roman=Роман Anatoly=Анатолий Denis=Денис Vitaly=Виталий Kirill=Кирилл Stanislav=Станислав "
        "Boris=Борис Grigory=Григорий Fyodor=Фёдор Timur=Тимур",
        female="Elena=Елена Olga=Ольга Tatiana=Татьяна Natalia=Наталья Anna=Анна Irina=Ирина "
        "Svetlana=Светлана Maria=Мария Ekaterina=Екатерина Anastasia=Анастасия Yulia=Юлия "
        "Galina=Галина Lyudmila=Людмила Marina=Марина Valentina=Валентина Nina=Нина Oksana=Оксана "
        "Victoria=Виктория Ksenia=Ксения Daria=Дарья Vera=Вера Larisa=Лариса Polina=Полина "
        "Alina=Алина Nadezhda=Надежда Sofia=София Zinaida=Зинаида",
        surnames="Ivanov=Иванов Smirnov=Смирнов Kuznetsov=Кузнецов Popov=Попов Vasiliev=Васильев "
        "Petrov=Петров Sokolov=Соколов Mikhailov=Михайлов Novikov=Новиков Fedorov=Фёдоров "
        "Morozov=Морозов Volkov=Волков Alekseev=Алексеев Lebedev=Лебедев Semenov=Семёнов "
        "Egorov=Егоров Pavlov=Павлов Kozlov=Козлов Stepanov=Степанов Nikolaev=Николаев Orlov=Орлов "
        "Andreev=Андреев Makarov=Макаров Nikitin=Никитин Zakharov=Захаров Zaitsev=Зайцев "
        "Solovyov=Соловьёв Borisov=Борисов Shevchenko=Шевченко Bondarenko=Бондаренко",
        starts="Bel=Бел Ber=Бер Bor=Бор Chern=Черн Dan=Дан Dol=Дол Dor=Дор Gal=Гал Gor=Гор Gre=Гре Kal=Кал "
        "Kar=Кар Kir=Кир Kol=Кол Kor=Кор Kras=Крас Lap=Лап Lom=Лом Luk=Лук Mal=Мал Mar=Мар Mel=Мел "
        "Mol=Мол Naz=Наз Pol=Пол Rod=Род Ryb=Рыб Sav=Сав Sol=Сол Tar=Тар Tim=Тим Ton=Тон Var=Вар "
        "Vor=Вор Zim=Зим Zhur=Жур",
        middles="- en=ен ol=ол ash=аш ub=уб",
        ends="ov=ов ev=ев in=ин enko=енко nikov=ников chuk=чук skov=сков yakov=яков ykin=ыкин",
        female_ends="ov/ova ev/eva in/ina ов/ова ев/ева ёв/ёва ин/ина",
    ),
    Culture(
        code="greek",
        male="Georgios=Γεώργιος Konstantinos=Κωνσταντίνος Ioannis=Ιωάννης Dimitrios=Δημήτριος "
        "Nikolaos=Νικόλαος Panagiotis=Παναγιώτης Vasilios=Βασίλειος Christos=Χρήστος "
        "Athanasios=Αθανάσιος Michail=Μιχαήλ Evangelos=Ευάγγελος Spyridon=Σπυρίδων "
        "Anastasios=Αναστάσιος Theodoros=Θεόδωρος Antonios=Αντώνιος",
        female="Maria=Μαρία Eleni=Ελένη Katerina=Κατερίνα Vasiliki=Βασιλική Sofia=Σοφία Angeliki=Αγγελική "
        "Georgia=Γεωργία Dimitra=Δήμητρα Konstantina=Κωνσταντίνα Paraskevi=Παρασκευή Anna=Άννα "
        "Ioanna=Ιωάννα Evangelia=Ευαγγελία Christina=Χριστίνα Anastasia=Αναστασία",
        surnames="Papadopoulos=Παπαδόπουλος Vlachos=Βλάχος Angelopoulos=Αγγελόπουλος Nikolaidis=Νικολαΐδης "
        "Georgiou=Γεωργίου Petridis=Πετρίδης Athanasiadis=Αθανασιάδης Dimitriadis=Δημητριάδης "
        "Oikonomou=Οικονόμου Papadakis=Παπαδάκης Konstantinidis=Κωνσταντινίδης Ioannidis=Ιωαννίδης "
        "Makris=Μακρής Alexiou=Αλεξίου",
        starts="Papa=Παπα Kara=Καρα Hatzi=Χατζη Kondo=Κοντο Makro=Μακρο Palaio=Παλαιο Mavro=Μαυρο",
        middles="george=γεωργ dimitr=δημητρ nikol=νικολ stav=σταυρ mich=μιχ theod=θεοδ kost=κωστ",
        ends="opoulos=όπουλος akis=άκης idis=ίδης iou=ίου as=άς ellis=έλλης",
        female_ends="opoulos/opoulou akis/aki idis/idi όπουλος/οπούλου άκης/άκη ίδης/ίδη",
    ),
    Culture(
        code="nordic",
        male="Lars Anders Erik Johan Karl Nils Mikael Per Jan Sven Olof Magnus Fredrik Björn Jens Søren "
        "Henrik Thomas Ole Knut Bjørn Kjell Morten Rasmus Kasper Mads Emil Oskar Gustav Axel Håkan "
        "Göran Åke Mikkel Jesper Torsten",
        female="Anna Maria Karin Eva Kristina Ingrid Birgitta Marie Elisabeth Sara Emma Ida Hanne Kirsten "
        "Mette Lene Astrid Solveig Gro Randi Liv Sofie Freja Maja Elsa Åsa Gunilla Märta Ulla Inger "
        "Helle Pernille Linnéa Sigrid",
        surnames="Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson "
        "Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Johansen "
        "Olsen Berg Lindberg Lund Dahl Holm Bergström Lindström Sjöberg Åkesson Møller Haugen "
        "Solberg Nyström",
        starts="Berg Björk Dahl Ek Fors Gran Hag Hed Hol Lind Ljung Lund Nord Ny Rosen Sand Sjö Skog Ström "
        "Sund Söder Wester Ås Öst",
        middles="- e",
        ends="berg blad borg dahl gren holm kvist lund man mark qvist stedt strand ström vall",
    ),
)
"""All cultures. The order is part of the seeded data: append, do not reorder."""

_SHORT_FORMS: Final = """
Alexander: Alex Sandy Xander / Alexandra: Alex Sandra / Alessandro: Sandro Ale / Alejandro: Alex Ale /
Alexandre: Alex / Amanda: Mandy / Andrew: Andy Drew / Andreas: Andi Andy / Anthony: Tony / Antonio: Toni
Toño / Barbara: Barb Babs / Beatrice: Bea / Benjamin: Ben Benny / Bethany: Beth / Charles: Charlie Chuck /
Charlotte: Lottie Charlie / Christian: Chris / Christina: Tina Chris / Christine: Chris Chrissie /
Christopher: Chris Kit / Concepción: Concha Conchita / Cornelis: Kees Cor / Cornelia: Corrie Nel / Daniel:
Dan Danny Dani / David: Dave / Deborah: Debbie Deb / Dmitry: Dima / Dolores: Lola / Dorothy: Dot Dottie /
Douglas: Doug / Edward: Ed Ted Eddie / Ekaterina: Katya / Eleanor: Ellie Nell / Elisabeth: Lisa Elli Sissi /
Elizabeth: Liz Beth Lizzie Betty / Elżbieta: Ela / Evgeny: Zhenya / Francesca: Franca / Francesco: Franco
Cecco / Francisca: Paca Paqui / Francisco: Paco Fran / Franziska: Franzi / Frederick: Fred Freddie /
Friedrich: Fritz / Frédéric: Fred / Gabriele: Gabi / Gerhard: Gerd / Giovanni: Gianni Nino / Giuseppe: Beppe
Pino / Gregory: Greg / Guillermo: Memo / Hans-Jürgen: Hajo / Harriet: Hattie / Hendrik: Henk / Ignacio:
Nacho / Jacqueline: Jackie / Jakub: Kuba / James: Jim Jimmy Jamie / Jennifer: Jen Jenny / Jessica: Jess /
Jesús: Chus / Joachim: Achim Jochen / Joanna: Asia Joasia / Johanna: Hanna Jo / Johannes: Hannes Hans /
John: Jack Johnny / Jonathan: Jon / Joseph: Joe / Joshua: Josh / José: Pepe / Katarzyna: Kasia / Katharina:
Kathi Katja / Katherine: Kate Kathy Katie / Kathleen: Kath / Kenneth: Ken / Krzysztof: Krzysiek / Leonard:
Len Lenny / Luigi: Gigi / Magdalena: Magda Lena / Manuel: Manolo Manu / Margaret: Maggie Peggy Meg / Maria:
Mia Mary / Matthew: Matt / Matthias: Matze Hias / Maximilian: Max / Małgorzata: Gosia / Mercedes: Merche /
Michael: Mike Mick Michi / Mikhail: Misha / Montserrat: Montse / Natalie: Nat / Nicholas: Nick Nicky /
Nicolas: Nico / Nikolay: Kolya / Oliver: Ollie Olli / Pamela: Pam / Patricia: Pat Tricia Trish / Patrick:
Pat Paddy / Philip: Phil / Philippa: Pippa / Philipp: Phil / Philippe: Phil / Piotr: Piotrek / Raymond: Ray
/ Rebecca: Becky Becca / Richard: Rick Dick Rich / Robert: Rob Bob Bobby / Rosario: Charo / Rosemary: Rosie
/ Salvatore: Salvo Totò / Samantha: Sam / Samuel: Sam / Sebastian: Basti Seb / Sergey: Seryozha / Stanisław:
Staszek / Stefanie: Steffi / Stephanie: Steph / Stephen: Steve / Steven: Steve / Susan: Sue Suzie / Tatiana:
Tanya / Thomas: Tom Tommy / Timothy: Tim / Tomasz: Tomek / Ulrich: Uli / Ursula: Uschi Ulla / Victoria:
Vicky Tori / Vincenzo: Enzo / Wilhelmina: Mina Willy / Willem: Wim / William: Will Bill Billy / Winifred:
Winnie / Wolfgang: Wolfi / Zuzanna: Zuzia
"""

SHORT_FORMS: Final = {
    full: tuple(short.split())
    for full, short in (entry.strip().split(":") for entry in _SHORT_FORMS.replace("\n", " ").split("/"))
}
"""Usual short forms of a given name, most usual first.

They are written down apart from ``cxm_sdk.identity.nicknames``: a generator that took its nicknames from the
resolver's own table would only ever ask what the resolver knows.
"""
