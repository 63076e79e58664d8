"""The words by which ``reading`` understands a text, English and Korean together: a text is read by whichever it holds.

Each name is one pattern over a plain, lower-case sentence. Additions belong here, with a line in the test of ``reading``.
"""

import re


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.ASCII)


INSTRUCTION_KO = _words(r"실 때|(?:하|있으|되|필요하)시면|경우(?:에|라면)?")
QUESTION_KO = _words(
    r"(?:알려|말씀해?|불러|적어|가르쳐|다시 확인해|다시 한번 확인해)\s?(?:주|줘)",
    r"부탁드려도|부탁드립니다|부탁드려요",
    r"여쭤|여쭈",
    r"필요합니다|필요해요",
    r"(?:까요|나요|가요|세요|니까|을까|ㄹ까|지요|는지요|래요|어요|에요|예요)\?",
)
REQUEST = _words(
    r"\b(?:please|just|kindly) (?:give|tell|send|share|provide|let|check)\b",
    r"\b(?:let me know|tell me)\b",
    r"\b(?:i|we)(?:'ll|'d| will| would| am going to)?(?: also| just| still| now| only| further)* (?:need|require)\b(?! to\b)",
    r"\b(?:still missing|i'm missing)\b",
)
DO = _words(
    r"\b(?:please|kindly|could you|can you|would you|will you|i'd like you to|i need you to|i'd ask you to|have you tried|let's|try)\b",
    r"^(?:(?:now|then|next|first|after that|once done|and|so|ok|okay|right|great|thanks|all right)\b[, ]*)*"
    r"(?:open|turn|switch|tap|press|hold|go|restart|reboot|power|run|start|stop|check|look|read|set|take|put|enable|disable|toggle|reset|"
    r"select|choose|pick|pull|type|enter|dial|scan|plug|unplug|remove|insert|move|bring|swipe|wait|tell|have a look|give|do)\b",
    r"(?:주세요|주시겠|주실|주시면|주시기|보세요|보시겠|보실|보시면|부탁|하세요|하시겠|볼까요)",
)
"""What asks somebody to do a thing, in one sentence."""
CONFIRM = _words(
    r"\bshall (?:i|we)\b",
    r"\bshould (?:i|we) (?:go|proceed|do|make|put|book|continue)\b",
    r"\b(?:may|can|could) (?:i|we) (?:go ahead|proceed|do that)\b",
    r"\bis (?:that|this|it|everything)(?: all)? (?:ok|okay|all right|alright|right|fine|good|correct)\b",
    r"\b(?:does|would) (?:that|this|it)(?: all)? (?:work|suit|sound|look)\b",
    r"\bsounds? (?:good|right|ok|okay)\?",
    r"\b(?:do you|would you like to|you) want me to\b",
    r"\bwould you like me to\b",
    r"\b(?:are you|you're) (?:happy|ok|okay|fine|all right|comfortable) (?:with|for|if)\b",
    r"\bdo (?:i|we) have your (?:permission|ok|okay|consent|go-ahead|approval)\b",
    r"\bdo you agree\b",
    r"^(?:go ahead|ok|okay|good to go|all right|alright|agreed|right|deal)\?$",
    r"\bok(?:ay)? to (?:go|proceed)\b",
    r"\bgood to go\?",
    r"\b(?:please|can you|could you|you) confirm(?! (?:your|the|which))\b",
    r"(?<!like to )(?<!love to )(?<!wish I could )\b(?:say|reply|answer)(?: with)? \W?yes\b",
    r"(?:진행|처리|그렇게|이대로|예약|변경|취소|등록|신청|접수|결제|발급|바꿔|이렇게|연장|"
    r"주문)\S*(?:\s\S+)?\s?(?:할까요|해도 될까요|도 될까요|될까요|드릴까요|되겠습니까|"
    r"하시겠습니까|하시겠어요|하면 될까요|드리면 될까요)",
    r"(?:괜찮으|괜찮을까|괜찮나요|괜찮겠)",
    r"맞으신가요|맞으실까요|맞나요|동의하시|(?<!도와)드릴까요\?",
    r"(?:이대로|바로|지금) (?:할까요|처리할까요|해 드릴까요)",
)
MORE = _words(
    r"\b(?:anything|something|what|anyone) else\b",
    r"\b(?:any|other) (?:other|further|more) (?:question|thing|request|concern)",
    r"\bany(?:thing)? (?:other|more|further)\b",
    r"\belse (?:i can|you need|today)\b",
    r"더 (?:도와|도움|필요하|궁금|문의|있으세요|있으신)|다른 (?:도움|문의|용건|궁금|요청|필요)|또 (?:궁금|필요|"
    r"다른 도움)|추가로 (?:필요|문의|궁금|도와)",
)
WHICH = _words(
    r"\bwhich (?:one|of (?:them|these|those|the))\b",
    r"\bwhich \w+(?: \w+)? (?:do you mean|are you|did you mean|is it|would you)\b",
    r"\bdo you mean the\b",
    r"어느 (?:것|거|쪽|건|예약|주문|카드|하나)|어떤 (?:걸|건가요|것|쪽|예약을|주문을|카드를)|중(?:에서?)? (?:어느|어떤|하나)",
)
NOT_FOUND = _words(
    r"\b(?:can't|cannot|could ?n't|could not|unable to|not able to|did ?n't|did not) (?:seem to )?(?:find|locate|"
    r"see|match|reach|get(?! around)|read|verify|pull)\b",
    r"\bno (?:match|record|account|customer|result|entry|such|booking|order|member)\b",
    r"\bnothing (?:comes|came|under|for|with|matches|found)\b",
    r"\b(?:does|do|did)(?:n't| not) (?:match|exist|look|appear|accept|go through|work|seem)\b",
    r"\b(?:isn't|is not|not|wasn't) (?:a )?(?:valid|recognised|recognized|accepted|found|registered|in the (?:right|"
    r"expected|correct) form)\b",
    r"\binvalid\b",
    r"\berrors?\b|\b(?:isn\'t|not) (?:answering|responding)\b",
    r"\b(?:failed|fails|failing)\b",
    r"\bshows nothing\b",
    r"찾을 수 없|찾지 못|조회되지|조회가 안|조회되는 내역이 없|조회할 수 없|나오지 않|안 나오|일치하지|형식|"
    r"오류|등록되어 있지|등록돼 있지|검색되지|유효하지|확인되지|존재하지|없는 것으로|없는 번호|입력이 안|"
    r"응답하지 않",
)
CANNOT = _words(
    r"\b(?:can't|cannot|can not|can no longer|couldn't do)\b",
    r"\b(?:unable|not able|won't be able) to\b",
    r"\b(?:isn't|is not|not|wouldn't be) possible\b|\bimpossible\b",
    r"\b(?:not|n't) (?:allowed|permitted)\b",
    r"\bhave to (?:decline|say no|refuse)\b|\bmust (?:decline|refuse)\b",
    r"\bagainst (?:our|the|company) (?:policy|rules?)\b",
    r"\bnot something (?:i|we)(?:'m| can|'re)?\b",
    r"\bno (?:way|tool|option|means) (?:to|for|that|of)\b",
    r"\b(?:don't|do not) have (?:a|any|the) (?:tool|way|means|option)\b",
    r"\bnothing in my (?:tools|system)\b",
    r"\bno exceptions?\b|\b(?:make|making) (?:an|any) exceptions?\b",
    r"어렵습니다|어려워요|어려울 것|드리기(?:는|가)? 어|기 어렵|불가능|불가(?:합|하|능|한)|(?:할|될|그럴|드릴|하실|"
    r"쓰실|받을|바꿀|처리할) 수(?:가|는|도)? 없",
    r"(?<!조회가 )(?<!확인이 )(?<!입력이 )안 (?:됩니다|돼요|되는 점|되세요|되십니다)|못 (?:해|합니다|도와|"
    r"바꿔)|기능이 없|도구가 없|방법이 없|권한이 없|예외(?:를|는|가) ?(?:둘|어|안|불|없)|예외 적용은|거절",
)
DONE = _words(
    r"\b(?:all set|all done|you're set|taken care of|completed|successfully)\b",
    r"\b(?:that's|it's|is|are|everything's|you're|has been|have been|was|i've|we've)(?: now| just|"
    r" already)? (?:\w+ed|done|set|sent|paid|put|made|in place|on its way)\b",
    r"^(?:done|confirmed|booked|cancelled|sorted|updated)\b",
    r"완료(?!하지)|(?<!확인)(?<!못)(?<!조회)(?:했|됐|되었|드렸|끝났|마쳤|바꿨|옮겼)(?:습니다|어요|고요|네요|으니|는데요)|처리되(?:어|었)",
)
BYE = _words(
    r"\b(?:goodbye|bye|take care(?! of)|have a (?:\w+ )?(?:day|one|evening|weekend|trip|time)|you're (?:very |"
    r"most )?welcome|you are most welcome|all the best|good day\.|my pleasure|anytime)\b",
    r"\bthanks? (?:you )?for (?:calling|your trust)\b",
    r"좋은 하루|즐거운 하루|편안한|안녕히|또 연락|수고하세요|이용해 주셔서|들어가세요",
)
WAIT = _words(
    r"\b(?:one (?:moment|sec|second)|bear with|let me|i'll (?:look|check|pull|just)|i'm (?:look|check)|checking|looking)\b",
    r"잠시만|잠깐만|확인해 보|찾아볼|조회해 보|확인할게|볼게요|확인 중|조회 중",
)
YES = _words(
    r"\b(?:yes|yeah|yep|yup|sure|ok|okay|fine|correct|absolutely|definitely|agreed|perfect|certainly|confirm(?:ed)?|"
    r"right|great|good|exactly|of course)\b",
    r"\b(?:go ahead|go for it|do it|do that|please do|please proceed|proceed|that works|works for me|let's do)\b",
    r"(?:^|[\s,.])(?:네|예|넵|응|넹|그래요|그럼요|좋아요|좋습니다|맞아요|맞습니다|동의합니다|물론이)|(?:그렇게|"
    r"그걸로|그대로|진행|처리|부탁)\S*\s?(?:해|하|드|주|요)",
)
NO = _words(
    r"\b(?:no|nope|nah|don't|do not|not yet|hold on|wait|stop|never mind|nevermind|rather not|cancel that|"
    r"scrap that|forget it|leave it|instead|actually)\b",
    r"아니요|아니에요|아뇨|하지 마|말아 주|마세요|잠깐|잠시만|됐어요|취소할게|그만|대신|그냥 두|다시 생각|바꿔도|말고",
)
THANKS = _words(r"\b(?:thanks?|thank you|cheers|appreciated?|grateful)\b", r"감사|고맙|고마워|수고")
NO_MORE = _words(
    r"\b(?:that's (?:all|it|everything)|that is all|that (?:was|would be|will be) (?:all|everything)|i'm (?:good|"
    r"all set|done)|nothing else|all good|goodbye|bye)\b",
    r"^(?:no|nope|nah)\b",
    r"(?:그거면|이제|다) (?:돼요|됐|다 됐)|없어요|없습니다|이상입니다|충분합니다|괜찮습니다|끝이에요|이만|수고하|됐습니다|됐어요",
)
