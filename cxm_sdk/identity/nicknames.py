"""Given names that people use for one another: short forms, pet names, one name in other languages.

A group holds names of which one person may well use two: ``william``, ``bill`` and ``liam``; ``mohammed`` and
``muhammad``; ``juan`` and ``john``. Groups are knowledge about names in general, from English, German, Dutch,
the Romance, Slavic, Nordic and Celtic languages, Greek, Turkish, Arabic, Persian, Hebrew and Indian usage in
latin letters. They are not derived from any data set. A name may be in several groups (``alex`` is short for
``alexander`` and for ``alexandra``), so being in one group is not transitive across groups.

Names are folded: lower-case ASCII letters and nothing else.

>>> names_alike("bill", "william"), names_alike("bill", "robert")
(True, False)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

__all__ = ["groups_of_names", "names_alike", "nickname_groups"]

# Groups are parted by a slash; the first name of each is its full form, and groups are in order of it.
# German umlauts appear both stripped (jurgen) and spelled out (juergen): files differ in how they fold them.
_GROUPS: Final = """
aaron aron ronnie aharon haroun harun haroon / abdulaziz abdelaziz aziz abdelazez / abdulkadir abdelkader
abdulqadir kader kadir abdulkader / abdulkarim abdelkarim karim kareem kerim abdulkareem / abdullah abdulla
abdallah abdullahi abdoulaye / abdulrahman abdurrahman abdelrahman abderrahmane abdirahman abdur / abigail
abby abbie abbey gail avigail / abraham abe bram avraham ibrahim ebrahim ibrahima abram avram braham /
abubakar abubakr abubaker ebubekir aboubacar bakar boubacar abu / achim joachim jochen joaquin joaquim jo
gioacchino / adalbert albrecht / adalbert wojciech wojtek vojtech / adam ad adas adamo addie adem / adele
adelheid adelaide heidi adelina addie adela della / adolfo fito adolf dolf adolphe / adrian adriano adrien
arjen ad hadrian adrianus adriaan / adriana adrianna adrienne ariane / agata agatha agathe / agnes agnieszka
aga ines inez agnese agneta aggie nessie neza / ahmed ahmad ahmet achmed amed ahmadou hamad / aisha aysha
ayesha aishah ayse aicha aixa / ake aage / alan allan allen al alain / albert al bert bertie alberto albie
albrecht / alberto beto tito berto / aled al / alejandra alexandra alessandra aleksandra alexa alexia sandra
sasha ali lexi lexie alex ola sandy xandra sascha / alejandro alexander alessandro aleksander aleksandr
alexandre alexandros alex alec al sasha sandy sander xander lex olek sandro ale iskander oleksandr
aleksandar sascha alistair alasdair alastair / alexis alex lexi alexei aleksei alexey aleksey alyosha /
alfonsina fonsi / alfonso alphonse alfons alonso fons poncho afonso / alfred alf fred freddie alfredo alfie
fredo / ali aly alee / alice ali alicia alyssa alison allison alisa alicja lici allie elise / alun alan /
amalia amelia amelie emilia mila millie amy mia melia / amanda mandy manda amy / amin ameen emin / amina
aminah emine amena aminata aminatou / amir ameer emir emre / amit amitabh amith / amy aimee ami amie / ana
anna anne ann annie anya ania hannah hanna annika anita anuschka nan nancy nina hanne anneke anouk anke
antje annette anushka / anastasia nastia nastya stacy stacey stasia anastasiya natasia tasia stacie asya /
anatoly tolya anatoli anatolij anatol anatole anatolii / andre andrew andreas andres andrea andrei andrey
andrzej andy drew dries anders andrej andras andriy andrii jedrzej ondrej / andrea andie andreia drea /
angela angie angelica angelika angelina angel angele lina andzelika / angelo angel ange / angharad ann /
anil aneel / anselm selma / anthony antony tony anton antonio antoine antoni toni toon teun ton antonios
nino tonio antek / antonia toni tonia antonella antonina tonya antoinette nettie / aoife eva / arkady arkadi
arkadiusz arek / armando armand mando / arnold arnie arnaud arnaldo arne arno nol / arthur art artie arturo
artur arturas / ashok asoka ashoka / astrid astri asta / asuncion asun assunta / august gus augustus augusto
guus augustin agustin augustine austin gust / barbara barb barbie babs barbra basia bobbie varvara /
bartholomew bart bartolomeo bartosz bartek bartolome bartlomiej barthelemy / basil vasily vasili vassilis
vasilis wasyl vasile basilio vasyl vasya / beata bea / beatrice bea beatriz beatrix trixie bee beate
beatrijs / benedict ben benny benedikt benoit benito bene benedetto / bengt benedict / benjamin ben benny
benji benjie binyamin beniamino / bernadette bernie detta bernadetta / bernard bernie bernhard bernardo
bernd ben barney berni bernat / bertha berta bertie / beverly bev beverley / bilal belal bilel / birger
borge / bjorn bjoern bjarne / bogdan bohdan bodzio / boguslaw bogdan bogus / boris borys borya / bradley
brad bradford / brandon brendan bran branden / brian bryan bryant brien / bridget bridie brigid brigitte
birgit biddy brigitta gitta britta birgitta brigida gitte / bruce brucie / calvin cal / cameron cam /
camilla camille cami kamila camila milla / caoimhe keeva / carl karl charles carlos carlo karel charlie
chuck chas karol charly kalle chaz carlito chip carles kalman / carla karla carly charlotte carlotta lotte
lottie charlie lotta karolina charlene szarlota lola / carmen carmela carmelo carmina carmelita / caroline
carolina karoline carol carrie caro karolina lina carolyn carole karola line karolin / casimir kazimierz kaz
casimiro / cathal charles / catherine katherine kathryn kathrin katharina katarina kate katie kathy cathy
cat kat katja katya catarina caterina catalina kasia katarzyna cate karin karen trina kitty kay kaitlyn
caitlin kateryna ekaterina yekaterina catrin kati kaat katrin rina kathleen / cecilia cecile cecily cecylia
celia sissy cissy silke silje cece / celeste celestine celestina / chad chadwick / chema josemaria /
christian chris kristian cristian christiaan krystian kris / christina christine kristina kristin cristina
chris christa krista chrissy tina kirsten kirstin krystyna kris christel kristine crissy stina kirsty
christiane / christopher chris christoph christophe cristobal cristoforo krzysztof kris topher kit stoffel
kristoffer christos stoph kristof krzysiek / ciaran kieran keiran kieron / clara klara clare claire chiara
clarissa clarice / claude claudio klaudiusz claudius / claudia klaudia claudine claudette / clement clemens
clemente klemens clem / clifford cliff clif / clinton clint / concepcion concha conchita conchi concetta /
conrad konrad kurt curt con kort corrado konni / constance connie constanze constanza konstanze stanzi
costanza / constantine konstantin constantin kostas costa konstantinos kostya costantino dinos / consuelo
chelo consolata / cornelia nelly conny corrie nele nel neeltje / cornelius kees cornelis cor neil con
cornelio / curtis curt / cynthia cindy cyndi cinzia cintia / cyril kirill cyrille cirillo / czeslaw czesiek
ceslaus / dafydd david dai / damian damien damiano demian / daniel dan danny dani daniele danilo danila daan
danyal daniil danek danial / daniela danielle dani daniella danuta / darren daz / david dave davy davey
davide dawid davi davit daoud dawood daud davud dov dewi / deborah debra debbie deb debby debora devorah
dvora / declan dec / denis dennis denny dionisio denys dionysios dion / denise denny denisa / derek derrick
dirk dietrich deric diederik ricky theoderich / diana diane dianne di dyan / diarmuid dermot jeremiah /
diego santiago tiago iago / dinesh dineshkumar / dmitri dmitry dimitri dimitrios dima dimitris demetrio
mitya dmytro demetrius / dolores lola lolita loli / dominic dominik dom domenico domingo dominique nic nico
mimmo nick domingos dominick mingo / donald don donny donnie donal / donna dona / dorothy dorothea dot dotty
dottie dolly dora dorota dorotea dorothee thea dorit dorte / douglas doug dougie / duc duk / dulce dulcie /
duncan dunc / edith edie edyta edda editha / edmund ed eddie edmond ted edmundo ned / edward ed eddie eduard
eduardo edouard ted teddy ned edoardo duarte lalo eddy edvard edek edu / edwin ed eddie edwina / eileen
aileen evelyn helen ilene / elaine helaine elena / eleanor ellie nora nell eleonora leonora lenore elinor
leonore nelly lora ellen elenore eleonore noor / elena helen helena helene ellen alyona lena nell lenka
nelly ilona jelena olena alena yelena leni ela / elias elijah eli ilya elie ilyas ilias eliyahu elliot /
elizabeth elisabeth eliza elisa beth betty bess liz lizzie lisa liza lisbeth elsa elise elsie betsy libby
lies lisette ilse elzbieta liesbeth bettina yelizaveta sissi lieselotte elspeth eliska ela elisabetta
babette liese bethan alzbeta jelisaveta erzsebet els elli lilly / ella ellen elle ellie / emanuel emmanuel
manuel manny manu manolo emanuele immanuel / emil emile emilio milek / emily emilia emilie millie milly
emilija / emma em emmy ema / encarnacion encarna encarni / enrique henry henri heinrich henrik hendrik
enrico harry hank heinz hal henning henryk rico quique rik henk heiner hein heiko kike hendrick henrique
jindrich / eoghan owen eugene / eric erik erich rick ricky eryk erick / erica erika ricki / ernest ernst
ernesto ernie erno / esther ester hester essie esthera hadassah estera / eugene gene eugen eugenio evgeny
yevgeny evgeniy zhenya eugeniusz evgeni yevhen jevgeni gino / eugenia evgenia yevgenia zhenya genia ewgenia
gena / eulalia lali laia / eva eve ewa evi evita evie hawa chava havva / evan ewan euan owen ieuan / evelyn
eve evie evelina ewelina evelien lyn / ezekiel zeke / ezequiel cheque zeke / faisal faysal faycal feisal /
farid fareed ferit / faruk farouk farooq faruq / fatima fatma fatimah fatemeh fatoumata fathima fatou fadma
fatime / felix feliks felice / ferdinand ferdi fernando ferdinando nando fernand fernao ferran / ffion fiona
/ filip philip phillip phil felipe philipp philippe pip filippo flip pippo phillipp fil / florence flo
florrie flossie fiorenza florentina florentine / florian flo floris floriano / frances francesca fran
frankie fanny franziska francisca francine franca fannie franciszka paca sissi francoise franzi cesca paqui
/ francis frank francisco francesco franz frans paco pancho frankie franco francois fran ferenc franciszek
chico curro kiko cisco / francisca paca paqui paquita / franklin frank / frederica freda frieda friederike
rika fredericka ricki federica rike / frederick fred freddy freddie friedrich frederic fritz federico
frederik fryderyk rick fredrik fredric fredrick fiete fede friedel frits / gabriel gabe gabi gabriele jibril
cebrail gavriil jabril dzibril / gabriela gabrielle gabi gabby gaby gabriella / gabriele gabi gaby / galina
galya halyna / gareth gary garth gaz gerry / gary garry gaz gerhard / geeta gita githa geetha / gennady gena
gennadi hennadiy gennadiy / geoffrey jeffrey jeff geoff gottfried godfrey jefferson jeffery jeffry goffredo
jef geoffroy / george georg georges jorge giorgio jurgen joerg jorg juergen jerzy yuri georgios jordi joris
georgy jiri yorgos gyorgy juri yury sjors jurek jurij gheorghe georgie jurg yrjo / georgina georgia georgie
gina georgette georgiana georgine jorgina / geraint gerry / gerald gerry jerry geraldo geraldine gerd gerold
jerold jerrold / gerard gerhard gerd gerry gert gerardo gerrit gerardus jerry geert gherardo gerardine
gerhardt / gertrude trudy gertrud gert gerti geertruida trude truus / gethin geth / gianluca luca gian /
gilbert gil bert gilberto / gilberto beto / gilles giles egidio egidius gil / gisela gisele gisella giselle
gilla / giuseppe joseph jose josef josip joe joey jozef pepe pepito beppe peppe yusuf youssef yousef josep
sepp jo osip beppo ze yosef yousif jef joep yussef iosif jozsef jos yossi pino zezinho peppino josko jusuf
youssouf chepe juozas / gladys glad / gloria glory / gokhan goekhan / gonzalo gonzo gonzales goncalo / gotz
goetz / grace gracie grazia graca gracia graciela gratia grazyna / graham graeme grahame / grainne grace
granya / gregory greg gregor gregorio grzegorz grigori grischa grisha gregoire grigory grigor grega hryhoriy
/ guadalupe lupe lupita guada / gudrun gunda / guillermo william bill billy will willie liam wilhelm willem
guillaume guglielmo guilherme wim willy memo wil pim vilhelm gwilym guillem willi bilbo / guillermo memo
guille / gul guel / gulsen guelsen gulshan / gunther gunter guenter guenther gunnar gonther / gurpreet guru
gurprit / gustav gustavo gus gustave gustaaf gustaf gusti / guy guido / gwendolyn gwen wendy gwendoline
wendi / halina hala galina galya / hamid hameed abdulhamid / hamza hamzah hamze / hanan hanane hanen / hans
john johannes johann juan jan jean giovanni ivan sean jack johnny jon jhon johan ioannis yannis janusz joao
jens janos vanya shaun shawn hannes jannik giannis jovan ioan iwan yann gianni vanja hansi henne jannis
janek jonny johny juanito ivo johnathan eoin jaan jussi juhani / harold harry hal harald aroldo / harpreet
harry preet / harriet hattie harriette harry henrietta henriette jette etta hennie ette enriqueta / harvey
harv herve / hassan hasan hasaan hassen / heather hev / hector ettore hektor heitor / heike henrike / helga
olga helge olya / henryk heniek / herbert herb bert bertie heribert heri / herman hermann ermanno harm herm
manny germano herminio / hermine hermina mina / hilary hillary ilaria hilaria / holly hollie / horace
horatio horacio oracio / howard howie ward / hubert hugh bert hugo huub berto hub umberto humberto / hugh
hugo hughie huw ugo hugues / huseyin husein hussein / hussein husain hussain husayn hossein huseyin hocine
houssein hosain hussien huseyn / hyun hyeon / ibrahim ibo ebrahim brahim ibrahima / ignacio nacho ignatius
ignaz inigo ignace ignacy ignazio inaki / igor ihor gosha / ilya ilia illya / iman eman imane imene / imran
umran omran emran / ingrid inge inga ingeborg / inmaculada inma macu / irene irina ira irena arina renie
eirene irinka iryna / irma irmgard irmi / isaac isaak zak ike yitzhak ishak itzhak isaque ishaq izak zac
izaak / isabel isabella isabelle izabela bella belle izzy isa bel isabela isobel ishbel ysabel chabela
sabela ella / isidor isidoro isidore dorus izydor / ismail ismael ishmael ismaeel esmail ismayil smail /
jacob jakob jake jacobo jacques giacomo jakub kuba jaap yakov yaakov yaqub iacopo jacopo jacobus koos jaume
coby jeppe kobe cobus sjaak yakub / jacqueline jackie jacqui jacquelyn jacky / jadwiga hedwig hedy hedvig
edwige jadzia hedda / jaime james jacobo / jamal gamal djamel cemal jemal jamel / james jim jimmy jamie jay
jem jimmie / jamila djamila cemile gamila jamilah / jane janie jayne jan jenny janey jana / janet janette
jeanette jeannette jannette netta jan jannie / jasmine yasmin jasmin yasmine yasemin jazmin jessamine jaz
jazz / jason jay jase iason / jaswinder jas jaswinda / jean jeanne jeannie jeannine janine joan johanna jane
zhanna / jennifer jen jenny jenna jenni jennie jenifer yennifer guinevere ginevra gwen / jeremy jeremiah
jerry jem jeremias geremia jeremie / jerome jerry hieronymus geronimo jeroen girolamo jeronimo hieronim
gerome / jessica jess jessie jessika gessica / jesus chucho chuy chus / jill gillian jilly juliana gill
jillian / jing ching / joanna joanne johanna jo jojo joann joan giovanna gianna vanna ivana juana ioanna
johana jovana jana asia joasia hanna hanneke janneke joana janina johanne yana / joaozinho joao / joel yoel
/ john ian iain ivan / jolanta jola jolanda / jonathan jon jonny john nathan jonatan yonatan johnathan
gionata / jordan jordi jory giordano jordao / jorn joern / josephine josie jo josefina josefa giuseppina
pepa fina jozefa josefine finchen jos josepha posy jozefina pepita beppa pina / joshua josh giosue josue
yehoshua jozua / joyce jocelyn joy / judith judy jude judit giuditta yehudit jutta jodie / julia julie
julietta juliet giulia julita jules yulia uliana juliette julija yuliya julka iulia / julian jules julien
juliano giuliano jule iulian / juliana julianne giuliana julianna uliana liana gillian / julius julio jules
giulio iulius gyula julek / jun joon june / jung jeong joung chung / justin justinian giustino justus justo
giusto joost justyn iustin / karsten carsten kersten / kathe kaethe kathi kate / kenneth ken kenny kent /
kerstin kirsten christina kerstie / kevin kev kevan / khadija khadijah hatice khadidja kadija kadidia
chadidscha / khalid khaled halit haled halid khalil / kimberly kim kimberley kimmy / klaus claus nicholas
nikolaus nicolas nicola nick nico nicolaas nikolai mikolaj nikos klaas nicky niko nikola niccolo nicolae
nikolay kolya nikita claas nikolaos nicolai mykola miklos miki klas nic / knut canute knud / kornelia
cornelia nela / krishna krishnan kishan krish / kristen kris kirsten kristin kristina / ladislaus vladislav
wladyslaw laszlo ladislav laci ladislao vlad vladyslav / lakshmi laxmi lakshmy / latif lateef letif
abdullatif / laura lori laurie lauren lola laurel lore larissa laure lorella / lawrence laurence larry lars
lorenz lorenzo laurent laurens lou lourenco laurie wawrzyniec lauritz llorenc renzo laurentius lauri lowrie
lasse laurits / leah lea lia leia / leif leiv / leila layla laila leyla lejla lila leyli / leo leon leone
lev leonid lyova leonidas / leokadia loda / leonard leo len lenny leonardo leonhard lennard leendert lennart
lennie leonhardt nardo lenz / leopold leo leopoldo polde poldi / leslie les lesley / li lee ly / lillian
lily lilian lilly liliana lilli lil liliane lili lillie / linda lynda lindy lyn belinda melinda / llewellyn
lew lyn / louis luis luigi lewis ludwig lou louie lluis ludovic lodewijk ludo luiz gigi luca ludovico
aloysius alois lutz lajos ludvik ludek lowie lucho clovis ljudevit wigg ludwik alojzy / louise luisa luise
lou lulu louisa luiza ludovica luigia eloisa heloise eloise / lourdes lulu lurdes / lucas luke luca luc
lukas lucca lukasz luka loukas louka luk / lucian luciano lucien lucio lou lucjan / lucy lucia lucie luzia
lucille lucila lucinda lucja lucienne cindy lux luciana / luise lou luiselotte / lydia lidia lidija liddy /
lyubov lyuba luba liubov / lyudmila ludmila luda mila lucy liudmila ljudmila lyuda / madeleine madeline
magdalena magda maddie lena maddy magdalene madelyn lene malena madlen madalena malin maud madge leni mada
maddalena magdalina / maeve mave meave / magnus mans mogens / mahdi mehdi mahdy / mahendra mahender mohinder
/ mahmoud mahmud mehmood mahmood mamoudou mahmut / malcolm mal malc colm / malik malek melik maalik /
manfred mani fred manni manfredo / manuela manu manuella emanuela ela emmanuelle / marcel marcelo marcello
marceli marc / marcia marsha marzia marcie / margaret maggie meg peggy margarita margarethe greta gretel
marge margie rita margot marguerite malgorzata margherita grete gretchen margareta gosia megan madge maisie
mags margit margriet marjorie margery mairead griet maret merete greet malgosia / margarita rita margo /
maria mary marie mia miriam mimi marija marja marika maira molly polly marietta maja mirjam masha mariya
mieke ria miep marita mae may mamie marisa manon mitzi moll marieke maire maija / marianne mariana marianna
maryann maryanne marian marion annemarie annmarie marijana / marina marinka rina / mario marius mariusz
marian mariano marijan / mark marc marcus marco marcos markus marek marko markku / marlene marlena lene
magdalena marleen / martha marta marty martje / martin marty martino marten maarten marcin martyn mart tinus
tijn marti martinus martti merten / martina tina marty martine martyna tineke / maryam meryem mariam miriam
mariem maria / mateo matthew matthias matt matteo mathieu matthieu mateusz matthijs mattias mats matty
matias matteus mateus matheus matej thijs mathias matvei matvey hias ties mathis matthes macey maciej mattie
matyas matiss / matilda mathilde tilly mathilda maud till tilda matylda matty / maureen mo moira maura /
maurice moritz maurizio mauricio morris maurits mo moris mauritius maurycy mauro moss / maximilian max maxim
maxime massimo maximo maxwell massimiliano maksim maximiliano makar maks maksymilian maksym maximus
massimino maxi / mechthild mechtild metta tilda / meena mina minakshi meenakshi / megan meg meghan meagan /
mehmed mehmet mohammed mohammad muhammad mohamed mohamad muhammed muhamed muhamad mohd mo mamadou mohammod
mihammad muhammet mahomet momo mohamud maxamed magomed mahamadou md mahamat / melanie mel mela melania
melany lanie / melissa mel missy lissa melisa millie / mercedes mercy merche / michael mike mick mickey
michel miguel michele mikhail michal mikael mikkel mischa misha micha mitch miguelito mihai mikhael mikel
micheal maikel mikail mihail mykhailo mihaly miska mikko michiel mychal mikey myk mihajlo michail micky
mischel mikal / michelle shelly micheline michele shell chelle michela michaela micaela mikaela shelley
michaella mischka / mieczyslaw mietek / miguel miki migue / milagros mila / mildred millie / miloslav milos
mila milan / min myn / miranda randy mirra mandy / miroslav miroslaw mirek slava / mitchell mitch / monica
monika monique moni nika / montserrat montse / moses moshe musa moises mose mozes moussa mojzesz moe moysey
mosheh / murad mourad murat mouradh / mustafa mostafa moustapha mustapha mustafe mostapha / nabil nabeel
nebil / nadia nadja nadezhda nadya nadine nadiya nadege nadezda / nadir nader nadeer / nancy nan nance /
naomi noemi noemie nomi / narendra narender narinder / nasser naser nasir nasr nacer / natalie natalia
natasha nathalie nat natalya talia nataliya nataly tasha natascha natalija natalka / nathan nathaniel nate
nat natan nathanael natanael / niamh neve / nicole nikki nicola nicolette nicky coletta colette nika nikole
nicolle nici / niels nils nicolaas / nigel nige neil / nikhil nick / noah noach nuh noe / noor nur nour nura
noura / norberto beto norbert bert / norman norm normand / noureddine nureddin nuruddin nurettin nordin
noureddin / oksana ksenia xenia oxana ksenija / ole olaf olav olof olle olafur / oleg olezhka oleh / olga
olya olha olia / oliver ollie oli olivier oliviero olli olivero oliwier noll / olivia liv ollie livia olive
oliwia / omar umar omer oumar omair umer / omur oemuer / oscar oskar ossie oszkar / oswald oz ozzie osvaldo
oswaldo ossi / othman osman usman uthman ousmane othmane osmane / otto odo otho ottone oto / oyvind oivind
eivind even / ozgur oezguer ozguer / pamela pam pammy / pascal pasquale pascual paschalis lino pasco /
patricia pat patty trish tricia patrizia patsy patti pattie paddy patrycja patrice trixie / patrick pat
paddy patrik patricio patrizio patryk padraig rick patrice patric / paul pablo paolo pawel pavel pauli paulo
paulus pol paulie pal pauwel pavlo pavlos pau paavo pasha pavle boulos / paula paola pauline paulina
paulette polly pavla pola / penelope penny pennie poppy nell / percival percy percyval / peter pete pedro
pietro piotr pyotr pierre petr pierce piet petrus peer petros piers per petter pieter perry petro petya
pierino pekka pjotr petri piero petar petru peet / petra petronella nelly pernilla piera petrina / philippa
pippa pip philipa filippa felipa / phyllis phil phillis / pilar pili / pooja puja / priscilla cilla prisca
priska pris / priya priyanka pria / przemyslaw przemek / qing ching tsing / rachel raquel rahel rae shelly
rachael rachele rachelle raquelita rachela / radha radhika / rafael raphael raffaele rafa rafal rafi rafe
raffael rafaello rafail raffaello lele / rahul raoul raul / raimundo mundo / rainer reiner reinier reinhart
/ raisa raya / rajendra rajender rajinder raj / rajesh rajeshkumar raj / ralph rolf rafe ralf / ramadan
ramazan ramadhan ramdane / ramon raymond ray raimund raimondo raymundo raimon mundo raymund rajmund /
randall randy randolph randal / rania raniya ranya / rashid rasheed rachid resit raschid / ravindra ravinder
rabindra ravi / rebecca becky beck becca rebekka rebeka bekah rebeca rivka rebekah reba / regina gina reina
reine queenie regine / reginald reg reggie rex ron reinaldo reynold / reinhard reiner rainer / rekha reka /
remedios reme / renata renate renee rene renatka nata / rene renato renatus renaud / reynaldo reinaldo
rinaldo rey / reza rida ridha riza redha / rhys reece reese rees / ricardo richi caco / richard rick ricky
rich richie dick ricardo riccardo ryszard rik rikard dickie ritchie ricard rickie rico richy rysiek / robert
rob bob bobby robbie roberto robin bert ruprecht rupert roberts robbert bobbie berto robby roby tito
rupprecht rubrecht / roberta bobbie robin bobby robyn berta / roberto beto tito / roderick rod roddy rodrigo
ric rory rodrigue ruy / rodney rod / rodolfo fito rolo / roger rog rogelio ruggero rutger rodger rudiger
ruediger rogerio hodge / roisin rose rosaleen / roland rolando orlando rollo roly rollie roeland / roman
romano romain romek / ronald ron ronnie ronny ronaldo rinaldo / rosa rose rosie rosalie rosalia rosita
rosalind roza rosario rosanna rosemary ro rosina rosetta roos rosella / rosalind ros roz rosalinda / rosario
charo chayo / rosemary rose rosie romy rosemarie / roxanne roxy roxana roxane roksana rox / roy leroy elroy
/ ruairi rory / rudolf rudi rudy rodolfo rudolph rolf dolf rodolphe rudolfo / ruslan rus / russell russ
rusty / ruth ruthie rut / ryan ryann rian / said saeed sayed sayeed sait sayid saied / saleh salih salah
sali / salim saleem selim slim / salvador salvatore sal salva toto turi tore sauveur / samantha sam sammy
sammie / samir sameer semir / samuel sam sammy samuele shmuel sami samy samuil samu / sandra sandy sandrine
alessandra cassandra / sanjay sanjai / santiago santi chago yago iago jaime / sarah sara sally sadie sarina
sari sarita saartje sarai sal / satish sateesh / saul paul shaul / scott scotty scottie / sean shaun shawn
shane / sebastian seb bastian sebastien bas sebastiano bastien bastiaan sebas basti sebastiao sevastian
baste / sebastian sebas chano / sergio sergei sergey serge sergiusz serhiy seryozha sergiu serhii serg /
serkan serhan / severin soren sven severino severyn / sharif shareef cherif serif scherif / sharon shari
shaz sharron / sheila sheelagh shelagh cecilia sheilah / shirley shirl shelly / siegfried sigfrid siggi sigi
sigurd / sigmund sigismund zygmunt sigi zigmund segismundo / silvester sylvester sylvestre sly sil vester
silvestre silvestro sylwester / silvia sylvia sylvie silvie sylwia syl silva / simon simone shimon szymon si
semyon simeon ximeno jimeno semen simao siem ximon shimmy / simona simone mona simonetta / sinead jane janet
/ siobhan joan shavon chevonne / slawomir slawek / socorro coco / sofia sophie sophia zofia sofie zosia fia
sonja sonia sonya sofya phia zofka sophy / soledad sole marisol / soleiman suleiman suleyman sulejman /
solomon salomon sol suleiman suleyman sulayman solly salman salomo shlomo sulaiman salomone souleymane
zalman / solveig solvei / soo su sue / soren soeren / srinivas srinivasan sreenivas shrinivas / stanislaw
stanislaus stan stanislav staszek estanislao stas slava / stella estelle estella estrella estela essie /
stephanie steph stefanie stefania steffi estefania stefa stevie stephany stefi fanny etienette stephania /
stephen steven steve stefan stephan stefano esteban etienne stevie szczepan stefanos istvan stepan estevan
steffen stef esteve stephane pista step estevao fane staffan / stuart stewart stu stew / subramanian
subramaniam subramanyam subbu / sukru suekrue shukri choukri chokri / sung seong / sunita suneeta / surendra
surender surinder / susan susanne susanna sue suzy susie suzanne zuzanna susana shoshana suse zsuzsanna
sanne susi suzie zuzana sanna suzana sanni / sven svend swen / svetlana sveta lana svitlana swetlana / tahir
taher / tamara tammy tamar toma tamra / tariq tarek tarik tareq / tatiana tanya tania tatjana tatyana tanja
tetiana / terence terry terrence terenzio tel terrance terencio / teresa theresa terry tess tessa therese
resi teresita terri tracy teresia trees reese terezia thea tereza tere teresina resl / thaddeus tad tadeusz
ted thad tadeo thaddaus tadek taddeo / theodore ted teddy theo theodor teodoro fyodor feodor teodor dorus
fedor todor tudor theodoros fjodor / thomas tom tommy tomas tommaso tomasz tomaso thom massey tomek toma
tomi tommie tome maso tuomas tamas twm / tiffany tiff theophania / timothy tim timmy timo timoteo timofey
timotheus timotej / timur temur taimur / tobias toby tobi tobia tovia / tracy trace tracey / tugba tuba
touba / ugur ughur / ulrich uli udo ulrik ueli ulrico utz ulysses / ulrike ulla uli ulrika rike / ursula
ursel uschi urszula ulla orsola ursule ulli sula / usama osama oussama / uwe uve / vadim dima vadym wadim /
valentin valentine val valentino walenty valentyn / valentina val tina vale walentyna / valerie val valeria
vale waleria valeriya lera / valery valera valeri valeriy valeriu / vanessa nessa ness essa / vera wiera
veerle verena vreni / veronica ron ronnie vera veronika nika roni vroni weronika veronique bernice berenice
/ victor vic vik viktor vittorio wiktor vitya vitek / victoria vicky vicki viktoria tori vittoria vika
wiktoria vikki viki vickie viktorija viktoriya vix / vidya bidya / vijay vijai bijoy / vincent vince vin
vinny vincenzo vicente enzo vinzenz wincenty vinnie cent vincentas chente / viola violet violetta violeta
iolanda viorica yolanda jolanda jolanta / virginia ginny gina virginie ginger gini / vishal bishal / vitaly
vitalik vitali vitaliy vitalii vitalis vitale / vivek bibek viveck / vladimir vlad volodya wladimir
volodymyr wlodzimierz vova vladimiro wolodymyr waldemar vladko / vyacheslav slava waclaw vaclav viacheslav
wenceslas wenzel wenceslao vjaceslav / walter walt wally gualtiero wouter gauthier wat walther gautier
wolter / waltraud traudl traudel waltraut / wanda vanda / wayne duane dwayne dwane / wei way / werner verner
wernher / wesley wes / wieslaw wiesiek / wilhelmina mina willa minnie wilma helma guillermina billie mien
guglielmina wilhelmine minna vilma willemijn minka / winifred winnie freda win winfried / wolfgang wolf
wolfi wolfie wulf / xavier javier xaver saverio xavi javi javy zavier jabier / xiao hsiao shiao / ximena
jimena / yahya yehia yahia jahja / yaroslav jaroslaw jaroslav jarek slava iaroslav yarik / yasin yassin
yassine yaseen yacine jassin / yasser yasir yaser jasser / yegor egor george / yekaterina katya katia / yong
yung / young yeong yung / youssef yusuf yousef yusef yousuf yusof joseph josef jose / yves ivo yvo ives /
yvonne ivonne yvette iwona ivone vonnie / zachary zach zack zachariah zac zak zacharias zakaria zakariya
zekeriya zaccaria zachery zakariyya zackary / zahra zehra zohra zahraa zara / zainuddin zain zayn zein zayne
/ zakir zakaria zakariya / zbigniew zbyszek zbig / zdzislaw zdzis / zeinab zaynab zeynep zainab zineb zaineb
/ zhi chih / zinaida zina
"""


@cache
def groups_of_names() -> Mapping[str, tuple[int, ...]]:
    """Gives the groups of every name that has any; read when first asked for.

    Returns:
        For each folded given name the ascending numbers of its groups.

    >>> "bill" in groups_of_names(), "xyz" in groups_of_names()
    (True, False)
    """
    found: dict[str, tuple[int, ...]] = {}
    for number, group in enumerate(_GROUPS.split("/")):
        for name in group.split():
            found[name] = (*found.get(name, ()), number)
    return MappingProxyType(found)


def nickname_groups(names: Sequence[str]) -> list[tuple[int, ...]]:
    """Finds the groups of each given name.

    Args:
        names: Folded given names (lower-case ASCII), one name each, any length.

    Returns:
        For each name, in order, the ascending numbers of its groups; empty if it is in none. Two names
        may stand for one another when they share a number. Numbers hold within one version of the
        package: compare them, do not store them.

    >>> bill, william, xyz = nickname_groups(["bill", "william", "xyz"])
    >>> bool(set(bill) & set(william)), xyz
    (True, ())
    """
    groups = groups_of_names()
    return [groups.get(name, ()) for name in names]


def names_alike(left: str, right: str) -> bool:
    """Says whether two different given names are used for one another.

    Args:
        left: Folded given name (lower-case ASCII).
        right: The same.

    Returns:
        Whether they share a group. A name in no group is alike to none, not even to itself.

    >>> names_alike("mohammed", "muhammad")
    True
    """
    a, b = nickname_groups([left, right])
    return not set(a).isdisjoint(b)
