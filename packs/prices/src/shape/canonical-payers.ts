// Payers by one name each, with the spellings that mean them. Most ids and names are those of
// jakegussler/hospital-price-transparency-analytics (Apache-2.0). The Blue plans stand in blue-plans.ts.

/**
 * `id:Name:spelling|spelling`, a payer a line, in lower case. A spelling means the payer wherever it stands in a name,
 * between other words; one after `=` only where it is the whole name, since alone it says too little.
 */
export const CANONICAL_PAYERS = `
aetna:Aetna:aetna
ambetter:Ambetter:ambetter
amerigroup:Amerigroup:amerigroup
alliant:Alliant Health Plans:alliant health plans|alliant health plan|alliant health|=alliant
allcare_health:AllCare Health:allcare health|allcare
alignment_health_plan:Alignment Health Plan:alignment health plan|alignment health|alignment healthcare
american_health_holding:American Health Holding:american health holding
atrio_health:ATRIO Health Plans:atrio
basix:BASIX Student Health Discount Program:basix
bright_health:Bright HealthCare:bright health|bright healthcare
block_vision:Block Vision:block vision
caresource:CareSource:caresource
cigna:Cigna:cigna
clover_health:Clover Health:clover health|=clover
davis_vision:Davis Vision:davis vision
dental_health_alliance:Dental Health Alliance:dental health alliance
delta_dental:Delta Dental:delta dental
dentaquest:DentaQuest:dentaquest
devoted_health:Devoted Health:devoted health|=devoted
eyemed:EyeMed:eyemed
first_health:First Health:first health
health_net:Health Net:health net
healthsmart:HealthSmart:healthsmart
humana:Humana:humana
kaiser_permanente:Kaiser Permanente:kaiser
magellan:Magellan Health:magellan health|magellan healthcare|magellan behavioral|=magellan
medcost:MedCost:medcost
metlife:MetLife:metlife
molina:Molina Healthcare:molina
multiplan:MultiPlan:multiplan
nhc_advantage:NHC Advantage:nhc advantage
novanet:NovaNet PPO:novanet
occunet:The OccuNet Company:occunet
optima_health:Optima Health:optima health|=optima
optum:Optum:optum
oscar_health:Oscar Health:oscar health|oscar insurance|=oscar
pacific_health_alliance:Pacific Health Alliance:pacific health alliance
pacificsource:PacificSource:pacificsource
peach_state_health_plan:Peach State Health Plan:peach state health plan|=peach state
phcs:PHCS:phcs|private healthcare systems
pnoa:Provider Network of America:provider network of america|pnoa
santa_clara_family_health_plan:Santa Clara Family Health Plan:santa clara family health plan|santa clara family health
simpra_advantage:Simpra Advantage:simpra
superior_vision:Superior Vision:superior vision
sutter_select:SutterSelect:sutterselect
triwest_healthcare_alliance:TriWest Healthcare Alliance:triwest
ascension_living_alexian_pace:Ascension Living Alexian PACE:ascension living alexian pace
central_health_plan:Central Health Medicare Plan:central health medicare plan|central health plan
clever_care_health_plan:Clever Care Health Plan:clever care
corvel:CorVel:corvel
health_plans_inc:Health Plans Inc.:=health plans inc
healthcomp:HealthComp:healthcomp
lucent_health:Lucent Health:lucent health
managed_health_network:Managed Health Network:managed health network
medben:MedBen:medben
olympus_managed_health_care:Olympus Managed Health Care:olympus managed health care|olympus managed health
on_lok_senior_health:On Lok Senior Health:on lok
partners_direct_health:Partners Direct Health:partners direct health|partners direct
point_comfort_underwriters:Point Comfort Underwriters:point comfort underwriters|point comfort
scan_health_plan:SCAN Health Plan:scan health plan|=scan
seven_corners:Seven Corners:seven corners
valenz_access:Valenz Access:valenz
health_partners_network:Health Partners Network:health partners network
sentara_health_plans:Sentara Health Plans:sentara health plans|sentara health plan|=sentara
pruitthealth_premier:PruittHealth Premier:pruitthealth
health_plan_san_joaquin:Health Plan of San Joaquin/Mountain Valley Health Plan:health plan of san joaquin
partnership_healthplan_california:Partnership HealthPlan of California:partnership healthplan of california|partnership health plan of california|=partnership healthplan
mountain_empire_pace:Mountain Empire PACE:mountain empire pace
tricare:TRICARE:tricare|champus
ppo_next:PPO Next:ppo next|pponext
department_of_veterans_affairs:Department of Veterans Affairs:department of veterans affairs
unitedhealthcare:UnitedHealthcare:unitedhealthcare
umr:UMR:umr
surest:Surest:surest
united_concordia:United Concordia Dental:united concordia
umwa_health_retirement_funds:United Mine Workers of America Health and Retirement Funds:united mine workers|umwa
upmc_health_plan:UPMC Health Plan:upmc
vsp:VSP Vision Care:vsp
wellcare:Wellcare:wellcare
wellpoint:Wellpoint:wellpoint
`
