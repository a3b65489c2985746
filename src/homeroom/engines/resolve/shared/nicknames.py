"""Nicknames of given names, in groups of equivalent forms (the full form first, then short and other forms)."""

from __future__ import annotations

_NICKNAMES_TEXT = """
abigail abby gail, abraham abe, agnieszka aga, ahmed ahmad, aidan aiden, aisha aysha ayesha aishah, alan allen allan alain, albert al bert,
alejandra ale alex sandra, alejandro ale alex, aleksandr aleksander sasha sanya alex, aleksandra sasha ola alex, alessandro sandro ale,
alexander alex al sandy xander lex, alexandra alex sandra lexi allie sasha, alexei alexey alyosha, alfonso poncho fonso,
alfred al fred freddie, alice ali, allison allie ali, amanda mandy, anastasia nastya stacy ana, andrea andi, andrei andrey andrzej andriy,
andrew andy drew, angela angie, angelica angie lica, ann anna annie anne, anna anya ania hannah, anthony tony, antonia toni tonia,
antonina tonya, antonio tony toni, araceli ara celi, arthur art, aurelia lia, barbara barb babs, bartholomew bart, beatrice bea trixie,
beatriz bea betty trixie, benjamin ben benny benji, bernard bernie, beverly bev, boris borya, bradley brad, brian bryan bryon, calvin cal,
cameron cam, caroline carrie caro, carolyn carol, catherine cathy cate kate katie kathy cat, cecilia ceci cece celia, charlene charlie,
charles charlie chuck chas, charlotte charlie lottie, christina chris tina chrissy, christine chris tina chrissy,
christopher chris topher kit, claudia clau, clifford cliff, concepcion concha, concetta connie tina, constance connie, consuelo chelo,
cristina cris tina, cristobal cris tobal, cynthia cindy, daniel dan danny, danielle dani, david dave davey, deborah deb debbie,
dennis denny, dimitri dmitri dmitry dima mitya, dolores lola, dominic dominick dom nick, donald don donny, dorothy dot dottie, douglas doug,
eduardo eddie lalo, edward ed eddie ted ned, ekaterina katya katia kate, eleanor ellie nora, elena lena helen, eleni helen lena,
elizabeth liz beth betty eliza lizzie libby betsy bess, emily em, enrique quique kike, eric erik erick, esperanza espe, eugene gene,
eugenia jenny gena, evelyn evie, evgeny evgenii zhenya gene, ezekiel zeke, fatima fatimah fatma fatemeh, fernanda fer nanda,
fernando fer nando, florence flo, florencia flor, frances fran frannie, francis frank, francisco frank paco pancho, franklin frank,
frederick fred freddie, gabriel gabe, gabriela gabi gaby, georgios george yorgos, gerald jerry, giovanni gianni john vanni,
giuseppe joe beppe peppe pino, graciela chela grace, gregory greg, guadalupe lupe lupita, guillermo memo, gustavo gus tavo, gwendolyn gwen,
harold hal harry, harriet hattie, hassan hasan, hector tito, henry hank harry, herbert herb, hortencia tencha, howard howie, humberto beto,
hussein hussain husain hossein, ibrahim ebrahim ibraheem abraham, ignacio nacho, irina ira, isaac ike, isabel isa chabela bella,
isabella bella izzy, ivan vanya, jacob jake, jacqueline jackie, james jim jimmy jamie, jan johnny, jayden jaden jaiden,
jeffrey geoffrey geoff jeff, jeffrey jeff, jennifer jen jenny jenna, jeremy jerry, jessica jess jessie, jesus chuy, joanna jo, joao john,
joaquin quino, johannes hans jan, john jack johnny, jonathan jon nathan, jorge george, jose pepe, josefina josie, joseph joe joey,
joshua josh, judith judy, julian jules, katarzyna kasia kate, katherine kate katie kathy kat kit kay,
katherine kathryn katharine catherine kathy, kathleen kate kathy katie, kenneth ken kenny, khalid khaled, kimberly kim, kristina kris tina,
krzysztof chris krzys, lawrence larry, leonard leo len lenny, leonardo leo nardo, leticia lety, lillian lily lil, lorenzo lencho enzo,
louis lou louie, lourdes lulu, lucille lucy, luis lucho, madeline maddie, magdalena magda maggie lena, malgorzata gosia margaret,
manuel manny manolo, marcos marcus marc, margaret maggie peggy meg marge greta, margarita rita margie maggie marga, maria mary mari,
maria masha marysia, marisol mari sol, martha patty marty, martin marty, mateo matt teo, mathew mathieu matthew mateo, matthew matt matty,
mauricio mau, megan meg, megan meghan meagan, melissa missy mel, mercedes merche, michael mike mick mickey mikey, michelle shelly,
miguel mike migue, mikhail misha michael, mohammed mohamad muhammed mahammed moe, mohammed mohamed muhammad mohammad mo, mustafa mostafa,
nadezhda nadia nadya, nancy nan, natalia nata natasha talia, natalie nat, natalya natasha, nathaniel nate nathan nat, nicholas nick nicky,
nicole nicki, nikolai nikolay kolya nick, noor nour nur, oliver ollie, olivia liv livvy, olumide mide, oluwafemi femi, oluwaseun seun,
oluwaseyi seyi, oluwatobi tobi, omar umar, pablo paul, pamela pam, patricia pat patty trish tricia, patrick pat paddy, pavel pasha paul,
pedro peter, peter pete, philip phil, phillip phil, piotr peter piotrek, priscilla cilla, rachel rae, rafael rafa rafi ralph, ramon moncho,
randall randy, raul rauly, raymond ray, rebecca becky becca, reginald reggie, ricardo rick ricky richie, richard rich rick dick ricky,
robert bob rob bobby robbie bert, robert robbie robin, roberto beto, rodney rod, roman roma, ronald ron ronnie, rosa rosita rosie,
rosalia rosa rosie lia, rosario charo, russell russ, salvador chava sal, samantha sam, samuel sam sammy, sandra sandy, santiago santi,
sarah sally sadie, sean shawn shaun, sebastian seb bash, sebastian sebas, sergei sergey seryozha, sergio checo, shirley shirl,
siobhan shevaun, sofia sofie sophia sonya, sophia sophie, stanislav stas slava, stephanie steph, stephen stefan esteban steven,
stephen steve stevie, steven steve stevie, stuart stu, susan sue susie, suzanne sue suzy, svetlana sveta lana, sylvia syl,
tatiana tanya tania, teresa terry tess tere, terrance terry, theodore ted teddy theo, theresa terry tess, thomas tom tommy,
timothy tim timmy, tobias toby, tomas tom tommy, valentina vale tina val, valeria vale lera, valerie val, veronica ronnie vero,
vicente chente, victor vic, victoria vicky tori, vincent vince vinny, virginia ginny, vladimir vova volodya vlad, walter walt wally,
wesley wes, wilfred will, wilhelm will willi, william bill will billy willy liam, xavier javier javi, yekaterina ekaterina katya,
yelena elena lena, yevgeny zhenya, yolanda yoli, yusuf yousef youssef yosef joseph, zachary zach zack, zainab zaynab zeinab
"""
NICKNAME_GROUPS: tuple[tuple[str, ...], ...] = tuple(tuple(group.split()) for group in _NICKNAMES_TEXT.split(","))
"""Each group's first name is its root; a name in several groups may abbreviate each root."""


def list_name_roots() -> tuple[tuple[str, str], ...]:
    """Return (name, root) for every name that has a short form or is one."""
    return tuple(sorted({(name, group[0]) for group in NICKNAME_GROUPS for name in group}))
