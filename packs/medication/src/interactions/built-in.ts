// The built-in rules: high-priority pairs that health services agree on, each with where it is said.
import type { InteractionRule, RuleSet, Severity, Side } from './rule.ts'

/** The list of high-priority interactions made for the U.S. Office of the National Coordinator. */
const ONC = 'ONC high-priority list (Phansalkar et al., JAMIA 2012;19:735-743)'

/**
 * One rule a line: id | severity | one side | other side | effect | advice | sources. A side lists ingredients and, with #,
 * classes of the vocabulary; ~14 says that it counts for 14 days after it was stopped.
 */
const TABLE = `
maoi-antidepressant | contraindicated | #maoi ~14 | #ssri, #snri, #tca ~14 | Serotonin syndrome or hypertensive crisis. | Do not give together, nor within the washout of either; choose another medicine. | ONC; FDA label of phenelzine
maoi-fluoxetine | contraindicated | #maoi ~14 | fluoxetine ~35 | Serotonin syndrome or hypertensive crisis. | Wait five weeks after fluoxetine and two after the MAO inhibitor. | ONC; FDA label of fluoxetine
maoi-triptan | contraindicated | #maoi ~14 | almotriptan, rizatriptan, sumatriptan, zolmitriptan | Serotonin syndrome or hypertensive crisis. | Do not give together, nor within the washout of either; choose another medicine. | ONC; FDA label of sumatriptan
maoi-opioid | contraindicated | #maoi ~14 | #maoi-opioid | Serotonin syndrome or hypertensive crisis. | Do not give together, nor within the washout of either; choose another medicine. | ONC; FDA label of meperidine
maoi-stimulant | contraindicated | #maoi ~14 | #stimulant | Hypertensive crisis. | Do not give together, nor within the washout of either; choose another medicine. | ONC; FDA label of methylphenidate
maoi-other | contraindicated | #maoi ~14 | bupropion, buspirone, mirtazapine, carbamazepine, cyclobenzaprine | Serotonin syndrome or hypertensive crisis. | Do not give together, nor within the washout of either; choose another medicine. | FDA label of bupropion; FDA label of mirtazapine; FDA label of carbamazepine; FDA label of cyclobenzaprine; FDA label of buspirone
tranylcypromine-procarbazine | contraindicated | tranylcypromine, phenelzine, isocarboxazid ~14 | procarbazine ~14 | Hypertensive crisis, seizures. | Do not give together, nor within the washout of either; choose another medicine. | ONC
statin-cyp3a4 | contraindicated | simvastatin, lovastatin | #cyp3a4-strong | Higher statin level: muscle damage up to rhabdomyolysis. | Stop the statin for the course, or use one that CYP3A4 does not break down. | ONC; FDA label of simvastatin; FDA label of lovastatin
statin-cyp3a4-moderate | major | simvastatin, lovastatin | verapamil, diltiazem, amiodarone, dronedarone, fluconazole | Higher statin level: muscle damage up to rhabdomyolysis. | Keep to the dose limit of the label (10 mg simvastatin with verapamil, diltiazem or dronedarone, 20 mg with amiodarone) or change the statin. | ONC; FDA label of simvastatin; FDA label of lovastatin
simvastatin-not-with | contraindicated | simvastatin | gemfibrozil, cyclosporine, danazol | Higher statin level: muscle damage up to rhabdomyolysis. | Use another statin. | FDA label of simvastatin
simvastatin-dose-limit | moderate | simvastatin | amlodipine, ranolazine | Higher statin level: muscle damage up to rhabdomyolysis. | Not more than 20 mg simvastatin a day. | FDA label of simvastatin
ergot-cyp3a4 | contraindicated | #ergot | #cyp3a4-strong | Ergotism: vessels close, tissue dies. | Do not give together. | ONC; FDA label of ergotamine
ergot-triptan | contraindicated | ergotamine, dihydroergotamine, methylergonovine ~1 | #triptan ~1 | Vessels narrow more than with either. | Leave 24 hours between them. | FDA label of sumatriptan
irinotecan-cyp3a4 | contraindicated | irinotecan | #cyp3a4-strong ~7 | Higher level of the active metabolite: diarrhoea, low white cells. | Stop the inhibitor a week before. | ONC; FDA label of irinotecan
atazanavir-ppi | contraindicated | atazanavir | #ppi | Less atazanavir is absorbed: treatment fails, resistance. | Use another way to lower acid, or another antiretroviral. | ONC; FDA label of atazanavir
xanthine-thiopurine | contraindicated | febuxostat | #thiopurine | Thiopurine toxicity: the bone marrow fails. | Do not give together. | ONC; FDA label of febuxostat
allopurinol-thiopurine | major | allopurinol | #thiopurine | Thiopurine toxicity: the bone marrow fails. | Cut the thiopurine to a quarter to a third, and count blood cells. | FDA label of azathioprine; FDA label of mercaptopurine
ramelteon-cyp1a2 | contraindicated | ramelteon | fluvoxamine | Ramelteon level up a hundredfold. | Do not give together. | ONC; FDA label of ramelteon
ramelteon-cyp1a2-other | major | ramelteon | ciprofloxacin, amiodarone, zileuton | Higher ramelteon level. | Choose another sleeping aid. | ONC
tizanidine-cyp1a2 | contraindicated | tizanidine | ciprofloxacin, fluvoxamine | Low blood pressure, deep sedation. | Do not give together. | ONC; FDA label of tizanidine
tizanidine-cyp1a2-other | major | tizanidine | zileuton, amiodarone, verapamil | Low blood pressure, deep sedation. | Avoid; else begin low and watch blood pressure. | ONC; FDA label of tizanidine
protease-inducer | contraindicated | #protease-inhibitor | rifampin, rifapentine, st. john's wort | Antiviral level falls: treatment fails, resistance. | Do not give together. | ONC; FDA label of atazanavir; FDA label of darunavir
protease-inducer-other | major | #protease-inhibitor | carbamazepine, phenytoin, phenobarbital, bosentan, rifabutin | Antiviral level falls, or that of the other rises. | Choose another, or adjust doses as the label says. | ONC; FDA label of atazanavir
qt-qt | major | #qt | #qt | Both lengthen the QT interval: torsade de pointes. | Avoid; else check ECG, potassium and magnesium. | ONC
qt-contraindicated | contraindicated | pimozide, astemizole, terfenadine, cisapride | ketoconazole, itraconazole, posaconazole, voriconazole, clarithromycin, erythromycin, telithromycin, nefazodone, ritonavir, saquinavir, indinavir, atazanavir, nelfinavir | Its level rises and with it the QT interval: torsade de pointes. | Do not give together. | ONC; FDA label of pimozide
thioridazine-cyp2d6 | contraindicated | thioridazine | fluoxetine, paroxetine, fluvoxamine, propranolol ~35 | Its level rises and with it the QT interval: torsade de pointes. | Do not give together. | FDA label of thioridazine
dofetilide-not-with | contraindicated | dofetilide | verapamil, hydrochlorothiazide, trimethoprim, cimetidine, ketoconazole, megestrol, prochlorperazine | Higher dofetilide level: torsade de pointes. | Do not give together. | FDA label of dofetilide
nitrate-pde5 | contraindicated | #nitrate | #pde5-inhibitor ~2 | Blood pressure collapses. | Do not give together, nor within two days. | FDA label of sildenafil; FDA label of nitroglycerin
riociguat-not-with | contraindicated | riociguat | #nitrate, #pde5-inhibitor ~2 | Blood pressure collapses. | Do not give together. | FDA label of riociguat
sacubitril-ace | contraindicated | sacubitril ~2 | #ace-inhibitor ~2 | Angioedema. | Leave 36 hours between them. | FDA label of sacubitril and valsartan
warfarin-nsaid | major | warfarin | #nsaid | Bleeding. | Avoid where possible; else watch for bleeding and check clotting more often. | HL7 PDDI-CDS, warfarin and NSAIDs; FDA label of warfarin
anticoagulant-nsaid | major | apixaban, rivaroxaban, dabigatran, edoxaban, enoxaparin, heparin | #nsaid | Bleeding. | Avoid where possible; else watch for bleeding and check clotting more often. | FDA label of apixaban; FDA label of rivaroxaban
anticoagulant-antiplatelet | major | #anticoagulant | clopidogrel, prasugrel, ticagrelor | Bleeding. | Only where a cardiologist wants both; watch for bleeding. | FDA label of warfarin; FDA label of clopidogrel
warfarin-metabolism | major | warfarin | fluconazole, voriconazole, metronidazole, sulfamethoxazole, amiodarone, ciprofloxacin, erythromycin, clarithromycin, azithromycin, levofloxacin | Higher INR: bleeding. | Check INR within days and lower the dose as it shows. | FDA label of warfarin
warfarin-inducer | major | warfarin | rifampin, carbamazepine, phenobarbital, st. john's wort | Lower INR: clots. | Check INR often, also after the other is stopped. | FDA label of warfarin
warfarin-ssri | moderate | warfarin | #ssri, #snri | Bleeding. | Watch for bleeding. | FDA label of warfarin; FDA label of sertraline
antiplatelet-nsaid | moderate | clopidogrel, prasugrel, ticagrelor | #nsaid | Bleeding. | Watch for bleeding; protect the stomach. | FDA label of clopidogrel
clopidogrel-ppi | major | clopidogrel | omeprazole, esomeprazole | Less of the active form: clots. | Use pantoprazole. | FDA label of clopidogrel
digoxin-level | major | digoxin | amiodarone, verapamil, dronedarone, quinidine, clarithromycin, erythromycin, itraconazole, cyclosporine, ritonavir | Higher digoxin level: toxicity, slow heart. | Lower the digoxin dose (by about half with amiodarone, dronedarone and quinidine) and check its level. | FDA label of digoxin
digoxin-potassium | moderate | digoxin | #loop-diuretic, #thiazide | Low potassium makes digoxin toxic. | Check potassium and magnesium. | HL7 PDDI-CDS, digoxin; FDA label of digoxin
digoxin-rate | moderate | digoxin | #beta-blocker | Slow heart, block. | Check the pulse and the ECG. | FDA label of digoxin
beta-blocker-verapamil | major | #beta-blocker | #calcium-blocker-rate | Slow heart, block, weak heart, low blood pressure. | Avoid; else only with ECG and blood pressure watched. | FDA label of verapamil; FDA label of metoprolol
opioid-benzodiazepine | major | #opioid | #benzodiazepine | Breathing stops; death. | Only when nothing else works: lowest doses, shortest time, naloxone at hand. | FDA boxed warning of 2016-08-31 for opioids and benzodiazepines
opioid-naltrexone | contraindicated | #opioid ~7 | naltrexone | Sudden withdrawal. | Do not begin naltrexone within 7 to 10 days of opioids. | FDA label of naltrexone
opioid-serotonin | major | tramadol, meperidine, tapentadol | #ssri, #snri, #tca | Serotonin syndrome; seizures with tramadol. | Choose another opioid. | FDA label of tramadol
linezolid-serotonin | contraindicated | linezolid, methylene blue ~1 | bupropion, buspirone, trazodone ~14 | Serotonin syndrome or hypertensive crisis. | Stop the other first, or choose another antibiotic. | FDA label of linezolid
lithium-level | major | lithium | #nsaid, #thiazide, #ace-inhibitor, #arb | Lithium toxicity. | Check the lithium level within a week and lower the dose as it shows. | FDA label of lithium
methotrexate-trimethoprim | major | methotrexate | trimethoprim, sulfamethoxazole | The bone marrow fails. | Choose another antibiotic. | FDA label of methotrexate
methotrexate-nsaid | moderate | methotrexate | #nsaid | Higher methotrexate level. | Avoid with high doses; count blood cells with low ones. | FDA label of methotrexate
theophylline-cyp1a2 | major | #xanthine | ciprofloxacin, fluvoxamine | Theophylline toxicity: seizures, arrhythmia. | Choose another, or cut the dose and check levels. | FDA label of theophylline
colchicine-inhibitor | major | colchicine | clarithromycin, ketoconazole, itraconazole, cyclosporine, ritonavir, telithromycin, nefazodone | Colchicine toxicity, fatal in kidney or liver disease. | Do not give together in kidney or liver disease; else lower the dose as the label says. | FDA label of colchicine
eplerenone-cyp3a4 | contraindicated | eplerenone | #cyp3a4-strong | High potassium. | Do not give together. | FDA label of eplerenone
ranolazine-not-with | contraindicated | ranolazine | rifampin, carbamazepine, phenytoin, phenobarbital, st. john's wort, #cyp3a4-strong | Ranolazine level rises (QT) or falls. | Do not give together. | FDA label of ranolazine
raas-potassium | moderate | #ace-inhibitor, #arb | #potassium-sparing, #potassium | High potassium. | Check potassium within a week. | FDA label of lisinopril; FDA label of spironolactone
disulfiram-metronidazole | contraindicated | disulfiram ~14 | metronidazole | Psychosis, confusion. | Leave two weeks after disulfiram. | FDA label of metronidazole
contraceptive-inducer | major | #contraceptive | rifampin, rifabutin, carbamazepine, phenytoin, phenobarbital, primidone, st. john's wort ~28 | Unplanned pregnancy. | Use another method, and for four weeks after. | FDA label of ethinyl estradiol and norgestimate
`

export const BUILT_IN: RuleSet = {
  name: 'orderly-high-priority',
  version: '2026-11',
  rules: parseRules(TABLE),
}

/** Rules written as lines of the form above. Lines that are empty or begin with // are passed over. */
export function parseRules(table: string): InteractionRule[] {
  return table
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('//'))
    .map((line) => {
      const [id, severity, a, b, effect, advice, sources] = line
        .split('|')
        .map((part) => part.trim())
      const sideA = parseSide(a!)
      const sideB = parseSide(b!)
      return {
        id: id!,
        severity: severity as Severity,
        a: sideA.side,
        b: sideB.side,
        effect: effect!,
        advice: advice!,
        sources: sources!.split('; ').map((source) => (source === 'ONC' ? ONC : source)),
        washout: { a: sideA.days, b: sideB.days },
      }
    })
}

function parseSide(text: string): { side: Side; days: number } {
  const [names, days] = text.split('~')
  const parts = names!.split(',').map((part) => part.trim())
  return {
    side: {
      ingredients: parts.filter((part) => !part.startsWith('#')),
      classes: parts.filter((part) => part.startsWith('#')).map((part) => part.slice(1)),
    },
    days: Number(days ?? 0),
  }
}

/** Classes of which two at once are a duplicate therapy. */
export const DUPLICATE_CLASSES: readonly string[] = [
  'ssri',
  'snri',
  'tca',
  'triptan',
  'statin',
  'ppi',
  'nsaid',
  'benzodiazepine',
  'beta-blocker',
  'ace-inhibitor',
  'arb',
  'anticoagulant',
  'loop-diuretic',
  'thiazide',
  'sulfonylurea',
  'bisphosphonate',
  'pde5-inhibitor',
  'calcium-blocker',
]
