// The brands that stand alone in orders, by what is in them.

/** One line an ingredient or combination, as the vocabulary calls it: `ingredients: brands`. */
const TABLE = `
furosemide: lasix
metoprolol: toprol, lopressor
ethinyl estradiol, norgestimate: trinessa, ortho tri-cyclen
norethindrone: jolivette, camila, errin
mestranol, norethynodrel: enovid
ethinyl estradiol, etonogestrel: nuvaring
etonogestrel: nexplanon, implanon
ethinyl estradiol, drospirenone: yaz
ethinyl estradiol, levonorgestrel: seasonique
estradiol, dienogest: natazia
insulin, insulin isophane: humulin
insulin: novolin, levemir, tresiba, apidra
insulin glargine: lantus, basaglar, toujeo, semglee
insulin lispro: humalog, admelog, lyumjev
insulin aspart: novolog, fiasp
warfarin: coumadin, jantoven
apixaban: eliquis
rivaroxaban: xarelto
dabigatran: pradaxa
edoxaban: savaysa
enoxaparin: lovenox
dalteparin: fragmin
fondaparinux: arixtra
clopidogrel: plavix
prasugrel: effient
ticagrelor: brilinta
aspirin: ecotrin
simvastatin: zocor, flolipid
ezetimibe, simvastatin: vytorin
ezetimibe: zetia
lovastatin: mevacor, altoprev
atorvastatin: lipitor
amlodipine, atorvastatin: caduet
rosuvastatin: crestor
fluvastatin: lescol
pitavastatin: livalo, zypitamag
pravastatin: pravachol
gemfibrozil: lopid
fenofibrate: tricor, lipofen, fenoglide
digoxin: lanoxin, digitek
verapamil: calan, verelan, isoptin
trandolapril, verapamil: tarka
diltiazem: cardizem, cartia, tiazac, taztia
amlodipine: norvasc
nifedipine: procardia, adalat
felodipine: plendil
nicardipine: cardene
nisoldipine: sular
atenolol: tenormin
atenolol, chlorthalidone: tenoretic
propranolol: inderal, innopran
bisoprolol: zebeta
bisoprolol, hydrochlorothiazide: ziac
carvedilol: coreg
nadolol: corgard
labetalol: trandate
nebivolol: bystolic
sotalol: betapace, sorine
amiodarone: cordarone, pacerone
dronedarone: multaq
dofetilide: tikosyn
flecainide: tambocor
disopyramide: norpace
nitroglycerin: nitrostat, nitro-dur, minitran, nitrolingual
isosorbide dinitrate: isordil
isosorbide dinitrate, hydralazine: bidil
isosorbide mononitrate: imdur
ranolazine: ranexa
sildenafil: viagra, revatio
tadalafil: cialis, adcirca, alyq
vardenafil: levitra, staxyn
avanafil: stendra
riociguat: adempas
bosentan: tracleer
lisinopril: zestril, prinivil, qbrelis
hydrochlorothiazide, lisinopril: zestoretic
enalapril: vasotec
enalapril, hydrochlorothiazide: vaseretic
captopril: capoten
ramipril: altace
benazepril: lotensin
amlodipine, benazepril: lotrel
quinapril: accupril
hydrochlorothiazide, quinapril: accuretic
trandolapril: mavik
losartan: cozaar
hydrochlorothiazide, losartan: hyzaar
valsartan: diovan
amlodipine, valsartan: exforge
sacubitril, valsartan: entresto
irbesartan: avapro
hydrochlorothiazide, irbesartan: avalide
candesartan: atacand
olmesartan: benicar
amlodipine, olmesartan: azor
amlodipine, hydrochlorothiazide, olmesartan: tribenzor
telmisartan: micardis
amlodipine, telmisartan: twynsta
azilsartan: edarbi
azilsartan, chlorthalidone: edarbyclor
aliskiren: tekturna
spironolactone: aldactone
hydrochlorothiazide, spironolactone: aldactazide
eplerenone: inspra
hydrochlorothiazide, triamterene: dyazide, maxzide
bumetanide: bumex
torsemide: demadex
potassium chloride: klor-con, k-tab, k-dur, micro-k
phenelzine: nardil
tranylcypromine: parnate
isocarboxazid: marplan
selegiline: emsam, eldepryl, zelapar
rasagiline: azilect
linezolid: zyvox
procarbazine: matulane
fluoxetine: prozac, sarafem
fluoxetine, olanzapine: symbyax
sertraline: zoloft
paroxetine: paxil, pexeva
citalopram: celexa
escitalopram: lexapro
fluvoxamine: luvox
vilazodone: viibryd
venlafaxine: effexor
desvenlafaxine: pristiq
duloxetine: cymbalta
milnacipran: savella
levomilnacipran: fetzima
amitriptyline: elavil
clomipramine: anafranil
doxepin: silenor
imipramine: tofranil
nortriptyline: pamelor
bupropion: wellbutrin, zyban, aplenzin, forfivo
bupropion, naltrexone: contrave
bupropion, dextromethorphan: auvelity
mirtazapine: remeron
buspirone: buspar
trazodone: desyrel, oleptro
lithium: lithobid, eskalith
quetiapine: seroquel
olanzapine: zyprexa
risperidone: risperdal
aripiprazole: abilify
clozapine: clozaril
haloperidol: haldol
pimozide: orap
prochlorperazine: compazine
sumatriptan: imitrex
naproxen, sumatriptan: treximet
rizatriptan: maxalt
zolmitriptan: zomig
eletriptan: relpax
almotriptan: axert
frovatriptan: frova
naratriptan: amerge
ergotamine: ergomar, cafergot
dihydroergotamine: migranal
methylergonovine: methergine
meperidine: demerol
tramadol: ultram, conzip
acetaminophen, tramadol: ultracet
tapentadol: nucynta
methadone: dolophine, methadose
fentanyl: duragesic, actiq, fentora
oxycodone: oxycontin, roxicodone, xtampza
acetaminophen, oxycodone: percocet, endocet
aspirin, oxycodone: percodan
acetaminophen, hydrocodone: vicodin, norco, lortab, lorcet
hydrocodone: hysingla, zohydro
hydrocodone, ibuprofen: vicoprofen
hydromorphone: dilaudid, exalgo
oxymorphone: opana
morphine: ms contin, kadian
buprenorphine: subutex, butrans, belbuca
buprenorphine, naloxone: suboxone, zubsolv
naltrexone: revia, vivitrol
dextromethorphan: delsym
dextromethorphan, quinidine: nuedexta
amphetamine, dextroamphetamine: adderall, mydayis
amphetamine: evekeo, adzenys
dextroamphetamine: dexedrine, zenzedi
methamphetamine: desoxyn
lisdexamfetamine: vyvanse
methylphenidate: ritalin, concerta, metadate, daytrana, quillivant, jornay
dexmethylphenidate: focalin
phentermine: adipex
phentermine, topiramate: qsymia
atomoxetine: strattera
pseudoephedrine: sudafed
phenylephrine: sudafed pe
modafinil: provigil
armodafinil: nuvigil
alprazolam: xanax
diazepam: valium
lorazepam: ativan
clonazepam: klonopin
temazepam: restoril
triazolam: halcion
chlordiazepoxide: librium
clorazepate: tranxene
clobazam: onfi
zolpidem: ambien, edluar, intermezzo
eszopiclone: lunesta
zaleplon: sonata
ramelteon: rozerem
carisoprodol: soma
cyclobenzaprine: flexeril, amrix, fexmid
tizanidine: zanaflex
gabapentin: neurontin, gralise, horizant
pregabalin: lyrica
lamotrigine: lamictal
valproate: depakote, depakene
levetiracetam: keppra
topiramate: topamax
carbamazepine: tegretol, carbatrol, equetro, epitol
phenytoin: dilantin, phenytek
primidone: mysoline
acetaminophen: tylenol
ibuprofen: advil, motrin
famotidine, ibuprofen: duexis
naproxen: aleve, naprosyn, anaprox
esomeprazole, naproxen: vimovo
diclofenac: voltaren, cataflam, zorvolex
indomethacin: indocin
ketorolac: toradol, sprix
meloxicam: mobic
piroxicam: feldene
celecoxib: celebrex
etodolac: lodine
nabumetone: relafen
omeprazole: prilosec, zegerid
esomeprazole: nexium
lansoprazole: prevacid
dexlansoprazole: dexilant
pantoprazole: protonix
rabeprazole: aciphex
famotidine: pepcid
cimetidine: tagamet
sulfamethoxazole, trimethoprim: bactrim, septra
amoxicillin, clavulanate: augmentin
ciprofloxacin: cipro
levofloxacin: levaquin
moxifloxacin: avelox
clarithromycin: biaxin
telithromycin: ketek
erythromycin: ery-tab, erythrocin
azithromycin: zithromax, z-pak
metronidazole: flagyl
tinidazole: tindamax
nitrofurantoin: macrobid, macrodantin
doxycycline: vibramycin, doryx
itraconazole: sporanox, onmel, tolsura
posaconazole: noxafil
voriconazole: vfend
fluconazole: diflucan
rifampin: rifadin, rimactane
rifabutin: mycobutin
rifapentine: priftin
hydroxychloroquine: plaquenil
quinine: qualaquin
ritonavir: norvir, paxlovid
lopinavir, ritonavir: kaletra
atazanavir: reyataz
atazanavir, cobicistat: evotaz
darunavir: prezista
cobicistat, darunavir: prezcobix
cobicistat, darunavir, emtricitabine, tenofovir: symtuza
fosamprenavir: lexiva
nelfinavir: viracept
tipranavir: aptivus
cobicistat: tybost
bictegravir, emtricitabine, tenofovir: biktarvy
cobicistat, elvitegravir, emtricitabine, tenofovir: genvoya, stribild
abacavir, dolutegravir, lamivudine: triumeq
dolutegravir, lamivudine: dovato
dolutegravir, rilpivirine: juluca
dolutegravir: tivicay
raltegravir: isentress
emtricitabine, tenofovir: truvada, descovy
efavirenz, emtricitabine, tenofovir: atripla
emtricitabine, rilpivirine, tenofovir: complera, odefsey
efavirenz, lamivudine, tenofovir: symfi
doravirine, lamivudine, tenofovir: delstrigo
lamivudine, tenofovir: cimduo, temixys
abacavir, lamivudine: epzicom
abacavir, lamivudine, zidovudine: trizivir
lamivudine, zidovudine: combivir
tenofovir: viread
emtricitabine: emtriva
lamivudine: epivir
abacavir: ziagen
zidovudine: retrovir
efavirenz: sustiva
nevirapine: viramune
rilpivirine: edurant
etravirine: intelence
doravirine: pifeltro
maraviroc: selzentry
cyclosporine: neoral, sandimmune, gengraf
tacrolimus: prograf, envarsus, astagraf
sirolimus: rapamune
everolimus: afinitor, zortress
azathioprine: imuran, azasan
mercaptopurine: purixan
methotrexate: trexall, otrexup, rasuvo
febuxostat: uloric
allopurinol: zyloprim
colchicine: colcrys, mitigare, gloperba
disulfiram: antabuse
zileuton: zyflo
montelukast: singulair
theophylline: theo-24, uniphyl
fluticasone, salmeterol: advair
budesonide, formoterol: symbicort
albuterol: ventolin, proair, proventil
salmeterol: serevent
prednisone: deltasone, rayos
methylprednisolone: medrol
levothyroxine: synthroid, levoxyl, unithroid, tirosint, euthyrox
liothyronine: cytomel
metformin: glucophage
glipizide: glucotrol
glimepiride: amaryl
glyburide: glynase
sitagliptin: januvia
metformin, sitagliptin: janumet
donepezil: aricept
donepezil, memantine: namzaric
memantine: namenda
galantamine: razadyne
rivastigmine: exelon
ondansetron: zofran
alendronic acid: fosamax
tamoxifen: soltamox
testosterone: androgel, testim
megestrol: megace
`

/** Brands in lower case, and the ingredients of each. */
export const BRANDS: ReadonlyMap<string, readonly string[]> = new Map(
  TABLE.trim()
    .split('\n')
    .flatMap((line) => {
      const [ingredients, brands] = line.split(': ').map((part) => part.split(', '))
      return brands!.map((brand) => [brand, ingredients!] as const)
    }),
)
