"""Short forms of given names: names on one line may stand for one another (in order: the full form, its short forms)."""

from __future__ import annotations

_LINES = """
abigail abby gail
abraham abe
albert al bert
alejandra ale alex sandra
alejandro ale alex
alexander alex al sandy xander lex
alexandra alex sandra lexi allie sasha
alfred al fred freddie
alice ali
allison allie ali
amanda mandy
andrea andi
andrew andy drew
angela angie
ann anna annie anne
anthony tony
antonio tony toni
arthur art
barbara barb babs
benjamin ben benny benji
bernard bernie
beverly bev
bradley brad
calvin cal
cameron cam
carolyn carol
catherine cathy cate kate katie kathy cat
charles charlie chuck chas
charlotte charlie lottie
christina chris tina chrissy
christine chris tina chrissy
christopher chris topher kit
clifford cliff
concepcion concha
constance connie
cynthia cindy
daniel dan danny
danielle dani
david dave davey
deborah deb debbie
dennis denny
dolores lola
donald don donny
dorothy dot dottie
douglas doug
eduardo eddie lalo
edward ed eddie ted ned
eleanor ellie nora
elizabeth liz beth betty eliza lizzie libby betsy bess
emily em
enrique quique kike
eugene gene
evelyn evie
ezekiel zeke
florence flo
frances fran frannie
francis frank
francisco frank paco pancho
franklin frank
frederick fred freddie
gabriel gabe
gabriela gabi gaby
gerald jerry
gregory greg
guadalupe lupe lupita
guillermo memo
gwendolyn gwen
harold hal harry
harriet hattie
henry hank harry
herbert herb
howard howie
ignacio nacho
isaac ike
isabella bella izzy
jacob jake
jacqueline jackie
james jim jimmy jamie
jeffrey jeff
jennifer jen jenny jenna
jeremy jerry
jessica jess jessie
jesus chuy
joanna jo
john jack johnny
jonathan jon nathan
jose pepe
joseph joe joey
josefina josie
joshua josh
judith judy
julian jules
katherine kate katie kathy kat kit kay
kathleen kate kathy katie
kenneth ken kenny
kimberly kim
kristina kris tina
lawrence larry
leonard leo len lenny
leticia lety
lillian lily lil
louis lou louie
lucille lucy
luis lucho
madeline maddie
manuel manny manolo
margaret maggie peggy meg marge greta
maria mary mari
martha patty marty
martin marty
matthew matt matty
megan meg
melissa missy mel
mercedes merche
michael mike mick mickey mikey
michelle shelly
mohammed mohamed muhammad mohammad mo
nancy nan
natalie nat
nathaniel nate nathan nat
nicholas nick nicky
nicole nicki
olivia liv livvy
oliver ollie
pamela pam
patricia pat patty trish tricia
patrick pat paddy
peter pete
philip phil
phillip phil
priscilla cilla
rachel rae
ramon moncho
randall randy
raymond ray
rebecca becky becca
reginald reggie
richard rich rick dick ricky
robert bob rob bobby robbie bert
roberto beto
rodney rod
ronald ron ronnie
rosario charo
russell russ
samantha sam
samuel sam sammy
sandra sandy
santiago santi
sarah sally sadie
sebastian seb bash
sergio checo
shirley shirl
sophia sophie
stephanie steph
stephen steve stevie
steven steve stevie
stuart stu
susan sue susie
suzanne sue suzy
sylvia syl
teresa terry tess tere
terrance terry
theodore ted teddy theo
theresa terry tess
thomas tom tommy
timothy tim timmy
tobias toby
valerie val
veronica ronnie vero
victor vic
victoria vicky tori
vincent vince vinny
virginia ginny
walter walt wally
wesley wes
wilfred will
william bill will billy willy liam
yolanda yoli
zachary zach zack
"""
GROUPS: tuple[tuple[str, ...], ...] = tuple(tuple(line.split()) for line in _LINES.strip().splitlines())
"""Each group's first name is its root; a name that stands in several groups may stand for each root."""


def roots() -> tuple[tuple[str, str], ...]:
    """(name, root) of every name that has a short form or is one."""
    return tuple(sorted({(name, group[0]) for group in GROUPS for name in group}))
