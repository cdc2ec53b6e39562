"""What the synthesizers say: original sentences, English ones of all its sounds and some of ten languages."""

# ruff: noqa: RUF001 - letters of other languages look like Latin ones

ENGLISH = """
Bob put the big blue map upon the bumpy bench. My mother may bring plum jam home by Monday.
Pale maples swayed above the empty pub. Five very fine foxes feel fond of coffee.
Vivian gave every view a favourable review. The thin thief thought that both paths were smooth.
These three brothers breathe with the weather. She should wash those shiny shoes at the beach.
Usually the judge chooses orange cheese. Charles reached for a large jar of cherries.
Six sisters saw the ice storm pass at sunset. Zoe's zebra dozes through noisy business.
Kate can cook a great cake for Greg. The king is going back along the dark creek.
Ten dogs dug deep down at the end of the tide. Don't tell David that Ted did it today.
Nobody knew when the nine new nurses were leaving. Lily will allow a little yellow light.
Rory read a rare story by the river. Her first bird heard a word and turned.
Father's car was parked far from the calm harbour. I might try to fly high in the white sky.
How loud the brown cow sounds now! We were away one whole winter week.
You knew the truth, too, Sue, did you not? Go slow, the road is cold and narrow.
All the law talk was long and awful. Boys enjoy the noise of toys and coins.
Eat each green pea and keep the beans, please. It is his sister's thin little wrist.
Ben said ten men went west again. They may stay at eight to play a great game.
Sam had a bad nap and a black bag. Such a lovely duck must come from somewhere under us.
Good books could look wooden. Well, happy people hope for help from heaven.
What on earth is that? No. Yes, of course. Hmm, maybe we can meet at half past seven.
Thank you for calling, how may I help you this morning? I'm sorry, we have no soup left.
Could you repeat the number, please, a bit more slowly? Wonderful! That is the best news of the year.
The weather in the mountains changes faster than anybody believes. Please pick up a paper cup of pepper.
Fresh fish for everyone, she shouted over the waves. Nothing moves through the north without a permit.
A bright young painter was mixing purple and amber. Leave the key beneath the mat, and lock the gate.
Maybe Emma remembers my number. Bring me a small bamboo bowl, a lamb chop and some warm bread.
Pop up to the shop and buy a pint of milk. The mob climbed aboard the plane with a bang.
Simple people make the best company. Mum, may I borrow your umbrella? Papa hopped upon the pump.
Above the door hung a broken bell. Probably nobody problem solves as rapidly as Robert.
If Philip laughs, half of the staff will leave. Everything they gathered was worth nothing.
Let us look at the lonely lighthouse until the light is low. I own an old oak boat, you know.
"""
"""None of them is among those that `bench_mouth` measures with."""

ELSEWHERE = {
    "de": """Der kleine Bäcker bringt morgens frische Brötchen. Wir möchten gern zwölf schöne Bücher kaufen.
Fünf Frauen fuhren vergnügt über den Fluss. Heute Abend gibt es Pflaumenkuchen und Kaffee.
Mein Bruder hat im Garten einen bunten Vogel gesehen. Bitte schließen Sie leise die schwere Tür.""",
    "fr": """Bonjour, je voudrais un petit pain au beurre. Mon père habite près du pont depuis longtemps.
Une belle journée commence souvent par un bon café. Le vieux bateau passe lentement sous la pluie.
Pouvez-vous répéter, s'il vous plaît, un peu plus fort? Les chevaux sauvages galopent vers la mer.""",
    "es": """Mi madre compra pan y pescado en el mercado. El viejo barco cruza despacio la bahía vacía.
Buenas tardes, busco una habitación para dos personas. Los niños juegan con la pelota en la plaza.
Por favor, baje la voz, que el bebé duerme. Nunca había visto un cielo tan azul.""",
    "it": """Buongiorno, vorrei un bicchiere di acqua fresca. La mamma prepara la pasta con le melanzane.
Gli amici bevono un caffè sotto i portici. Il vecchio ponte porta alla piazza principale.
Che bella giornata per fare una passeggiata! Puoi ripetere il tuo nome, per favore?""",
    "pt": """Bom dia, queria um pão com manteiga. O meu irmão mora perto da ponte velha.
A menina viu uma borboleta amarela no jardim. Por favor, feche a janela, que faz vento.
O barco passou devagar pelo rio. Nunca provei um bolo tão bom.""",
    "nl": """Goedemorgen, mag ik een half bruin brood? Mijn moeder woont bij de oude brug.
De vrolijke jongen fietst door het park. Vijf witte vogels vliegen over het water.
Kunt u dat nog een keer zeggen? Het schip vaart langzaam voorbij.""",
    "pl": """Dzień dobry, poproszę bułkę z masłem. Mój brat mieszka blisko starego mostu.
Wczoraj widziałem w parku pięć białych ptaków. Proszę mówić trochę wolniej.
Mama piecze pyszne ciasto ze śliwkami. Łódź płynie powoli po rzece.""",
    "sv": """God morgon, jag vill gärna ha en bulle. Min mamma bor vid den gamla bron.
Fem vita fåglar flyger över sjön. Kan du säga det en gång till?
Båten glider sakta förbi. I kväll blir det fisk och potatis.""",
    "tr": """Günaydın, bir bardak su alabilir miyim? Annem bugün pazardan balık ve ekmek aldı.
Küçük kuş pembe çiçeğin üstüne kondu. Lütfen biraz daha yavaş konuşun.
Eski köprünün yanında büyük bir ev var. Vapur yavaşça geçip gitti.""",
    "ru": """Доброе утро, можно мне булку с маслом? Мой брат живёт возле старого моста.
Пять белых птиц летят над водой. Пожалуйста, говорите немного медленнее.
Мама печёт вкусный пирог с вишней. Лодка медленно плывёт по реке.""",
}
"""By espeak-ng's names of the languages."""


def split(text: str) -> list[str]:
    """Its sentences."""
    marked = text.replace("\n", " ").replace("? ", "?|").replace("! ", "!|").replace(". ", ".|")
    return [sentence.strip() for sentence in marked.split("|") if sentence.strip()]
