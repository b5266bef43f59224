# Menu and frame
menu = Меню
menu-home = Главная
menu-messages = Сообщения
menu-webhooks = Вебхуки
menu-settings = Настройки
menu-access = Доступ
menu-logs = Журнал
menu-simulator = Симулятор
menu-about = О программе
skip = Перейти к содержимому
title-refused = Ошибка: { $name }
sign-in = Войти
sign-out = Выйти
away = Нет связи со шлюзом с { $n }. Показано то, что было тогда. Пока связи нет, ничего не отправить; введённое останется. Пробуем снова…
user = Пользователь
password = Пароль
sign-in-hint = Войдите с именем пользователя и паролем API. Их показывает терминал или приложение, где запущен шлюз.
sign-in-wrong = Неверный пользователь или пароль.
sign-in-throttled = С этого адреса слишком много неверных паролей. Подождите немного и попробуйте снова.
sign-in-link-used = Эта ссылка уже использована или старше пяти минут. Войдите здесь.
refused = Так не получится
refused-origin = Запрос отправлен не со страницы этого шлюза. Откройте страницу заново и повторите там.
refused-token = Эта форма относится к прежнему входу. Откройте страницу заново и повторите там.
refused-form = На этой странице нет такой формы.
refused-large = Это больше, чем можно принять. Сократите.
refused-incomplete = Форма пришла не полностью. Отправьте её ещё раз.
refused-path = Такой страницы нет.
refused-method = Здесь этого сделать нельзя.
not-found = Здесь больше ничего нет.
done-saved = Сохранено.
done-added = Добавлено. Отправьте проверку, чтобы увидеть, дойдёт ли она.
done-deleted = Удалено.
done-replayed = Будет доставлено ещё раз.
done-received = Сообщение получено.
deliveries-replayed = { $n ->
    [one] { $n } доставка будет выполнена ещё раз.
    [few] { $n } доставки будут выполнены ещё раз.
   *[other] { $n } доставок будут выполнены ещё раз.
}
deliveries-replayed-none = Доставлять ещё раз было нечего.
deliveries-discarded = { $n ->
    [one] { $n } доставка отброшена.
    [few] { $n } доставки отброшены.
   *[other] { $n } доставок отброшено.
}
deliveries-discarded-none = Отбрасывать было нечего.
deliveries-tried = { $n ->
    [one] { $n } доставка пойдёт сейчас.
    [few] { $n } доставки пойдут сейчас.
   *[other] { $n } доставок пойдут сейчас.
}
deliveries-tried-none = Ничто не ждало следующей попытки.
# Small words
save = Сохранить
add = Добавить
edit = Изменить
delete = Удалить
replace = Заменить
show = Показать
copy = Копировать
copied = Скопировано
all = Все
details = Подробности
pages = Страницы
newest = Новейшие
older = Старше
looked-none = Среди новейших { $n } таких нет.
looked-further = Искать дальше
from = От
to = Кому
text = Текст
kind = Вид
state = Состояние
event = Событие
message = Сообщение
webhook = Вебхук
delivery = Доставка
never = никогда
none-within = { $n ->
    [one] нет за последний { $n } день
    [few] нет за последние { $n } дня
   *[other] нет за последние { $n } дней
}
unchanged = без изменений
forget = Забыть сохранённое
type-again = Это поле очищено. Введите ещё раз.
# Times
time-now = сейчас
time-seconds-ago = { $n ->
    [one] { $n } секунду назад
    [few] { $n } секунды назад
   *[other] { $n } секунд назад
}
time-minutes-ago = { $n ->
    [one] { $n } минуту назад
    [few] { $n } минуты назад
   *[other] { $n } минут назад
}
time-hours-ago = { $n ->
    [one] { $n } час назад
    [few] { $n } часа назад
   *[other] { $n } часов назад
}
time-days-ago = { $n ->
    [one] { $n } день назад
    [few] { $n } дня назад
   *[other] { $n } дней назад
}
time-seconds-ahead = { $n ->
    [one] через { $n } секунду
    [few] через { $n } секунды
   *[other] через { $n } секунд
}
time-minutes-ahead = { $n ->
    [one] через { $n } минуту
    [few] через { $n } минуты
   *[other] через { $n } минут
}
time-hours-ahead = { $n ->
    [one] через { $n } час
    [few] через { $n } часа
   *[other] через { $n } часов
}
time-days-ahead = { $n ->
    [one] через { $n } день
    [few] через { $n } дня
   *[other] через { $n } дней
}
length-ms = { $n } мс
length-s = { $n } с
length-min = { $n } мин
length-h = { $n } ч
length-d = { $n } сут.
length-y = { $n ->
    [one] { $n } год
    [few] { $n } года
   *[other] { $n } лет
}
# Home
state-running = Работает
state-running-why = Сообщения принимаются, вебхуки отправляются.
state-problems = Работает, но есть проблемы
state-problems-why = Сообщения принимаются, вебхуки отправляются, но требуется ваше внимание.
state-offline = Нет интернета
state-offline-why = Сообщения по-прежнему принимаются и хранятся. Вебхуки будут доставлены, когда связь вернётся.
state-stopped = Остановлен
state-stopped-why = Сообщения сохраняются, но вебхуки не уйдут, пока шлюз не запущен.
state-full = Память заполнена
state-full-why = Новое сохранить нельзя. Освободите место на устройстве; шлюз продолжит сам.
state-damaged = База данных повреждена
state-damaged-why = Часть сохранённого не читается. Всё, что цело, работает дальше. На телефоне перезапустите приложение; на компьютере остановите шлюз и запустите simrelay recover.
state-recovered = База данных восстановлена
state-recovered-why = Она была повреждена. Всё, что удалось прочитать, перенесено в новый файл. Смотрите сообщение выше.
recovered = База данных была повреждена и восстановлена:
recovered-lost = Часть сохранённого потеряна. Повреждённый файл лежит рядом с новым. Записей, о пропаже которых известно:
recovered-kept = О потерях не известно. Повреждённый файл лежит рядом с новым.
recovered-seen = Я видел это
home-no-webhooks = Вебхуков пока нет, поэтому принятые сообщения никуда не передаются.
home-reach = Доступ к API
address = Адрес
device = Устройство
device-name = Название
device-id = Идентификатор устройства
no-sim = Нет SIM-карты
battery = Батарея
charging = заряжается
network = Сеть
online = с интернетом
offline = без интернета
network-none = нет
network-unknown = неизвестная
network-cellular = мобильные данные
network-wifi = Wi-Fi
network-ethernet = кабель
last-in = Последнее входящее
last-out = Последний вебхук
last-handed = Последнее исходящее
waiting-messages = Сообщений ждёт отправки
queue = Ожидают доставки
dead = Не доставлено
warning-offline = Нет интернета.
warning-battery = Батарея разряжена. Подключите зарядку.
warning-broken = Задача шлюза аварийно завершилась из-за ошибки в программе и была запущена снова.
warning-reading = Хранилище не читается.
warning-storage = Память заполнена или недоступна для записи.
warning-device = Это устройство сейчас не может открывать соединения. Вебхуки ждут и не тратят повторов.
warning-damaged = Часть базы данных повреждена.
warning-recovered = База данных была повреждена и восстановлена; что-то могло пропасть.
warning-removed = Вебхуки, которые так и не дошли, удалены через 30 дней. Посмотрите на вебхуки с ошибками.
warning-failed = { $n ->
    [one] За последний час не отправлено { $n } сообщение.
    [few] За последний час не отправлены { $n } сообщения.
   *[other] За последний час не отправлено { $n } сообщений.
}
warning-webhooks = { $n ->
    [one] { $n } вебхук с ошибками.
    [few] { $n } вебхука с ошибками.
   *[other] { $n } вебхуков с ошибками.
}
warning-dead = { $n ->
    [one] { $n } доставка прекращена.
    [few] { $n } доставки прекращены.
   *[other] { $n } доставок прекращено.
}
look = Посмотреть
deliver-all = Доставить все ещё раз
noted = Принято к сведению
# Messages
messages-empty = Сообщений пока нет. Отправьте SMS на это устройство.
unknown-sender = неизвестный отправитель
no-text = без текста
attachment = Вложение
timeline = Что произошло
timeline-sent = принято сетью
timeline-kept = сохранено здесь
timeline-nobody = Для него не было вебхука.
timeline-forgotten = Его доставки уже не хранятся. Выполненные доставки хранятся { $n } дней.
came-in = Входящие
goes-out = Исходящие
direction = Направление
messages-none = Здесь нет сообщений.
messages-all = Показать все сообщения
more-recipients = { $n ->
    [one] и ещё { $n }
    [few] и ещё { $n }
   *[other] и ещё { $n }
}
more-deliveries = { $n ->
    [one] и ещё { $n } доставка:
    [few] и ещё { $n } доставки:
   *[other] и ещё { $n } доставок:
}
encrypted = зашифровано
encrypted-number = зашифрованный номер
out-pending = в очереди
out-cancelling = отменяется
out-cancelled = отменено
out-processed = отправляется
out-sent = отправлено
out-delivered = доставлено
out-failed = не отправлено
parts = Части
parts-count = { $n ->
    [one] { $n } часть
    [few] { $n } части
   *[other] { $n } частей
}
parts-done = частей: { $n }, отправлено: { $sent }, доставлено: { $delivered }
not-before = Запланировано на
not-after = Действительно до
report = Отчёт о доставке
wanted = запрошен
not-wanted = не запрошен
recipients = Получатели
timeline-asked = принято к отправке
# Webhooks
webhooks-before = Предыдущие вебхуки
webhooks-more = Ещё вебхуки
webhooks-empty = Вебхуков пока нет. Добавьте адрес, который должен узнавать о сообщениях.
webhook-add = Добавить вебхук
webhook-id = Идентификатор
webhook-id-hint = Если оставить пустым, будет создан.
webhook-delete = Удалить этот вебхук
webhook-delete-why = Всё, что его ждёт, отменяется, а прекращённые доставки отбрасываются.
webhook-gone = Этот вебхук тем временем удалён, поэтому ничего не сохранено. Добавьте его снова, если он ещё нужен.
send-test = Отправить проверку
deliveries = Доставки
deliveries-empty = Доставок здесь нет. Они создаются для каждого события.
dead-title = Прекращённые доставки
dead-empty = Прекращённых доставок нет.
discard-all = Отбросить все
discard-why = Новых попыток не будет, и проблемой они больше не считаются. Запись о них хранится 7 дней.
last-attempt = Последняя попытка:
waiting = Ожидают
retrying = Повторяются
health-new = Доставок ещё не было
health-waiting = ждёт первой попытки
health-good = работает
health-bad = с ошибками
state-pending = ожидает
state-delivered = доставлено
state-dead = не доставлено
state-cancelled = отменено
queued = Создана
settled = Завершено
goes-on = Далее
next-attempt = следующая попытка
attempt-of = попытка { $n } из { $max }
due-turn = пора, ждёт своей очереди
due-offline = пора, ждёт интернета
due-stopped = пора, ждёт запуска шлюза
sending-now = сейчас отправляется ({ $n } с)
messages-count = { $n ->
    [one] { $n } сообщение
    [few] { $n } сообщения
   *[other] { $n } сообщений
}
attempts = Попытки
attempts-none = Попыток ещё не было.
attempts-count = { $n ->
    [one] { $n } попытка
    [few] { $n } попытки
   *[other] { $n } попыток
}
attempt-signature = Время и подпись
request = Запрос
request-url = URL показан таким, каким он задан у вебхука сейчас.
request-signed = У каждой попытки своё время и своя подпись. Они показаны рядом с попытками и вычислены по нынешнему ключу подписи.
copy-body = Копировать тело
copy-curl = В виде команды curl
copy-curl-why = Она отправит тело ещё раз с нынешними временем и подписью. В ней весь URL вместе с ключами.
body-cut = Это только начало тела размером { $n } Б. Целиком:
open-message = Показать сообщение
answer = Ответ получателя
try-now = Попробовать сейчас
try-all = Попробовать все ожидающие сейчас
waiting-later = { $n ->
    [one] { $n } доставка ждёт следующей попытки.
    [few] { $n } доставки ждут следующей попытки.
   *[other] { $n } доставок ждут следующей попытки.
}
replay = Доставить ещё раз
replay-what = Какие доставки
replay-since = Созданные с
replay-since-hint = Нужно для доставленного; без этого уйдёт всё недоставленное.
replay-when = Укажите, с какого времени, чтобы ничего не отправить повторно по ошибке.
replay-nowhere = Вебхук удалён, доставлять некуда.
class-timeout = нет ответа вовремя
class-connect = нет соединения
class-tls = сертификат или TLS
class-dns = имя не найдено
class-closed = соединение закрыто
class-not-allowed = не разрешено
class-other = ошибка
test-passed = Проверочное событие дошло
test-failed = Проверочное событие не дошло
step-url = URL разрешён
step-network = Интернет
step-name = Поиск в DNS
step-connection = Соединение
step-tls = Сертификат и TLS
step-http = Ответ
# Settings
group-messages = Сообщения
group-ping = Сигналы работы
group-logs = Журнал
group-webhooks = Вебхуки
group-encryption = Шифрование
group-gateway = Облако и частный сервер
group-device = Идентификатор устройства
group-ui = Эта страница
range = От { $min } до { $max } ({ $what }).
unit-seconds = секунды
unit-days = дни
unit-messages = сообщения
unit-retries = повторы
language-auto = Как в браузере
schedule = { $n ->
    [one] { $n } повтор, последний примерно через { $after } после первой попытки
    [few] { $n } повтора, последний примерно через { $after } после первой попытки
   *[other] { $n } повторов, последний примерно через { $after } после первой попытки
}
schedule-others = Показать все числа повторов
signing-key-elsewhere = Ключ подписи находится в разделе «Доступ».
set-messages-send_interval_min = Наименьшая пауза
help-messages-send_interval_min = Наименьшая пауза между двумя сообщениями.
set-messages-send_interval_max = Наибольшая пауза
help-messages-send_interval_max = Наибольшая пауза между двумя сообщениями; настоящая выбирается случайно между обеими.
set-messages-limit_period = Период ограничения
help-messages-limit_period = Период, к которому относится ограничение.
set-messages-limit_value = Ограничение
help-messages-limit_value = Сколько сообщений отправлять за период; 0 значит без ограничения.
set-messages-work_hours_enabled = Только в рабочие часы
help-messages-work_hours_enabled = Отправлять только в рабочие часы; сообщения с приоритетом от 100 уходят всегда.
set-messages-work_hours_start = Начало рабочих часов
help-messages-work_hours_start = Когда начинаются рабочие часы.
set-messages-work_hours_end = Конец рабочих часов
help-messages-work_hours_end = Когда заканчиваются рабочие часы; если раньше начала, они идут через ночь.
set-messages-sim_selection_mode = SIM по умолчанию
help-messages-sim_selection_mode = SIM для сообщений, в которых она не указана.
set-messages-log_lifetime_days = Хранить сообщения
help-messages-log_lifetime_days = Сколько хранить сообщения; всегда, если не задано или 0.
set-messages-processing_order = Порядок
help-messages-processing_order = Что отправлять первым при равном приоритете: новейшее (LIFO) или старейшее (FIFO).
set-ping-interval_seconds = Пауза между сигналами
help-ping-interval_seconds = Пауза между двумя событиями system:ping; если не задано или 0, их нет.
set-logs-lifetime_days = Хранить журнал
help-logs-lifetime_days = Сколько хранить записи журнала; всегда, если 0.
set-webhooks-internet_required = Требовать интернет
help-webhooks-internet_required = Пока нет интернета, доставки ждут и не тратят повторов. Выключите для получателей в местной сети.
set-webhooks-retry_count = Повторы
help-webhooks-retry_count = Сколько раз повторять неудачную доставку: через 10 с, 20 с, 40 с и так далее.
set-webhooks-signing_key = Ключ подписи
set-webhooks-allow_http = Получатели без TLS
help-webhooks-allow_http = К каким получателям вебхуки могут идти без TLS: к этому устройству (loopback), в частные сети (private) или к любым (any).
set-webhooks-ca_certificates = Дополнительные сертификаты
help-webhooks-ca_certificates = Сертификаты PEM, которым доверять помимо системных, для получателей со своим центром или самоподписанным сертификатом.
set-webhooks-trust_smsgate_ca = Доверять центру SMSGate
help-webhooks-trust_smsgate_ca = Для получателей с сертификатом от SMSGate. Доверие действует, только если в URL вебхука стоит частный адрес.
set-encryption-passphrase = Парольная фраза
help-encryption-passphrase = Парольная фраза зашифрованных сообщений. Никогда не показывается.
set-gateway-cloud_url = Сервер
help-gateway-cloud_url = Сервер облачного или частного режима. Пока ни на что не влияет.
set-gateway-private_token = Токен
help-gateway-private_token = Токен частного сервера. Никогда не показывается и пока ни на что не влияет.
set-gateway-notification_channel = Пробуждение
help-gateway-notification_channel = Как сервер будит это устройство. Пока ни на что не влияет.
set-device-id = Идентификатор устройства
help-device-id = Идентификатор телефона, место которого занимает этот, для клиентов и получателей, которые его знают; если не задано, свой. То, что уже в очереди, сохраняет прежний.
set-device-other_ids = Другие идентификаторы
help-device-other_ids = Другие идентификаторы, которыми клиенты могут называть это устройство, через пробел.
set-ui-language = Язык
help-ui-language = Язык этой страницы.
# Access
access-change = Пользователь, пароль и порт
password-now = Нынешний пароль
password-new = Новый пароль
password-new-hint = От 8 до 128 знаков. Новый пароль завершает все входы, включая ваш, и отзывает все токены.
password-wrong = Неверный пароль.
user-wrong = Имя пользователя: от 1 до 64 знаков, без двоеточия.
port = Порт
port-hint = Целое число от 1024 до 65535.
port-moved = Страница теперь на другом порту:
port-elsewhere = Порт этой программы задаётся при её запуске:
signing-key = Ключ подписи
signing-key-why = По нему получатели проверяют, что вебхук пришёл от этого шлюза. Новый ключ действует со следующей попытки.
signing-key-new = Новый ключ
signing-key-random = случайный
# Logs
priority = Важность
log-info = сведения
log-warn = предупреждение
log-error = ошибка
logs-empty = Записей пока нет. Здесь отмечается всё, что делает шлюз.
logs-none = Таких записей нет.
logs-all = Показать все записи
# Simulator
simulator-empty = Примите SMS и посмотрите, как оно уходит в вебхуки.
simulator-receive = Принять
simulator-nobody = без вебхука
simulator-send-first = Пока ничего не отправлено. Эта команда заставит телефон отправить SMS; пароль показан на главной странице.
simulator-send-more = Отправить SMS с телефона:
simulator-fates = Что сделает с ним смоделированная сеть, решают последние четыре цифры; все они описаны здесь:
# About
about = SimRelay превращает телефон с SIM-картой в SMS-шлюз. Всё, что приходит, уходит вебхуками, и по пути ничего не теряется.
version = Версия
zone = Часовой пояс
licence = Лицензия
# Choices of settings
choice-disabled = без ограничения
choice-perminute = минута
choice-per30minutes = 30 минут
choice-perhour = час
choice-perday = сутки
choice-osdefault = SIM телефона по умолчанию
choice-roundrobin = по очереди
choice-random = любая
choice-lifo = сначала новые (LIFO)
choice-fifo = сначала старые (FIFO)
choice-loopback = только это устройство
choice-private = и частные сети
choice-any = куда угодно
choice-auto = автоматически
choice-sse_only = только события сервера (SSE)
# What is wrong with what was entered
problem-number = { $name }: нужно целое число от { $min } до { $max } ({ $what }).
problem-text = { $name }: нужен текст от { $min } до { $max } символов, не из одних пробелов.
problem-time = { $name }: нужно время от 00:00 до 23:59.
problem-url = { $name }: нужен URL http:// или https:// не длиннее 2048 символов.
problem-device-id = { $name }: допустимы латинские буквы, цифры и знаки - _ . : ~ @ +, не больше 64 в одном идентификаторе и не больше 16 идентификаторов.
problem-certificates = { $name }: нужны один или несколько сертификатов в виде PEM, не более 262144 символов.
problem-secret-key = { $name }: здесь закрытый ключ, а настройки показываются. Введите одни сертификаты и замените ключ, если его могли видеть другие.
problem-secret-login = { $name }: здесь имя или пароль, а настройки показываются. Уберите их.
problem-choice = { $name }: выберите из предложенного.
problem-pauses = Наибольшая пауза ({ $max }) не должна быть меньше наименьшей ({ $min }).
problem-id = Идентификатор: от 1 до 64 печатных символов.
problem-id-taken = Вебхук с таким идентификатором уже есть. Выберите другой или измените тот на его странице.
problem-event = Выберите одно из предложенных событий.
problem-url-long = URL не длиннее 2048 символов.
problem-url-spaces = В URL не должно быть пробелов, управляющих и невидимых символов.
problem-url-incomplete = Нужен полный URL, например https://example.com/webhook.
problem-url-tls = URL должен начинаться с https://. Без TLS (http://) можно только на само устройство (127.0.0.1, localhost), если в настройках «{ set-webhooks-allow_http }» не разрешено большее.
problem-url-scheme = URL должен начинаться с https:// и называть узел.
problem-url-fragment = В URL не должно быть #: что стоит за ним, никогда не отправляется. Уберите его или напишите %23, если он часть пути или запроса.
problem-url-backslash = В URL не должно быть обратной косой черты. Напишите / или %5C.
problem-url-login = Имя и пароль в URL должны быть текстом UTF-8 (символы пишутся как %XX), без управляющих символов и без двоеточия в имени.
problem-url-port = Порт в URL — число от 1 до 65535.
problem-url-host = Узел в URL нельзя использовать в таком виде. Напишите имя, адрес IPv4 вроде 192.168.1.50 или адрес IPv6 в квадратных скобках без зоны.
problem-url-dots = В пути URL не должно быть . или .. между косыми чертами. Напишите путь, к которому он ведёт.
problem-from = Отправитель: от 1 до 64 символов.
problem-sms = Текст не длиннее 39015 символов.
problem-sim = Выберите одну из предложенных SIM.
# What the store says
store-full = Хранилище заполнено. Освободите место; отправленное сейчас не принято, отправьте ещё раз.
store-unavailable = Сейчас в хранилище нельзя писать. Отправленное не принято, отправьте позже ещё раз.
store-unreadable = Сейчас хранилище не читается. Повторите попытку позже.
store-busy = Сейчас читается слишком много списков. Повторите через несколько секунд.
store-too-long = Чтение заняло слишком много времени. Запросите меньше.
store-damaged = База данных повреждена, и нужна повреждённая часть. Ничего не принято. Остановите шлюз, запустите simrelay recover или верните копию (в приложении: перезапустите его), затем отправьте ещё раз.
store-closed = Шлюз останавливается. Отправьте ещё раз, когда он вернётся.
store-internal = Внутренняя ошибка. Что случилось, говорит вывод самой программы.
# Why an attempt failed, and what to do. In English these are the sentences of the API.
reason-status = Получатель ответил статусом { $status }; нужен ответ 2xx.
reason-status-key = { reason-status }
fix-status-key = Проверьте ключ подписи, а также ключ или пароль в URL вебхука.
reason-status-path = { reason-status }
fix-status-path = Проверьте путь в URL вебхука.
reason-status-post = { reason-status }
fix-status-post = Получатель должен принимать POST по этому URL.
reason-status-size = { reason-status }
fix-status-size = Получатель должен принимать запросы большего размера.
reason-status-log = { reason-status }
fix-status-log = Посмотрите журнал получателя.
reason-redirect = Получатель ответил перенаправлением ({ $status }), а по ним переход не делается.
fix-redirect = Укажите конечный URL.
reason-timeout-connecting = Нет соединения с { $about } за 10 секунд.
fix-timeout-connecting = Проверьте, что узел включён и соединение не блокирует межсетевой экран.
reason-timeout-answering = Получатель не ответил за 30 секунд.
fix-timeout-answering = Он должен сразу ответить 2xx, а сообщение обработать потом.
reason-connect-refused = { $about }: в соединении отказано.
fix-connect-refused = Проверьте, что получатель запущен и порт в URL верен.
reason-connect-unreachable = { $about }: узел недоступен.
fix-connect-unreachable = Проверьте, что он включён и находится в сети, доступной устройству.
reason-connect-other = Не удалось соединиться с { $about }.
fix-connect-other = Проверьте URL и сеть.
reason-tls-authority = Сертификат получателя подписан неизвестным центром ({ $about }).
fix-tls-authority = Добавьте сертификат центра в настройках, «{ set-webhooks-ca_certificates }».
reason-tls-authority-unnamed = Сертификат получателя подписан неизвестным центром.
fix-tls-authority-unnamed = { fix-tls-authority }
reason-tls-name = Сертификат получателя выдан не для { $about }.
fix-tls-name = Используйте имя из сертификата или выпустите сертификат с именем { $about } (subjectAltName).
reason-tls-expired = Срок действия сертификата получателя истёк.
fix-tls-expired = Обновите его; если он ещё действует, проверьте дату на устройстве.
reason-tls-not-yet = Сертификат получателя ещё не действует.
fix-tls-not-yet = Проверьте часы получателя и устройства.
reason-tls-unusable = Сертификат получателя нельзя использовать (отозван или не заслуживает доверия).
fix-tls-unusable = Выпустите новый.
reason-tls-handshake = { $about } и устройство не договорились о TLS.
fix-tls-handshake = Проверьте, что порт отвечает по HTTPS с TLS 1.2 или 1.3.
reason-tls-self-signed = Сертификат получателя самоподписанный, за него не ручается ни один центр.
fix-tls-self-signed = Добавьте сам сертификат в настройках, «{ set-webhooks-ca_certificates }».
reason-tls-chain = Получатель не присылает сертификат центра, который подписал его собственный ({ $about }).
fix-tls-chain = Пусть присылает всю цепочку (обычно fullchain.pem), или добавьте этот сертификат в настройках, «{ set-webhooks-ca_certificates }».
reason-tls-smsgate = Сертификат получателя выдан собственным центром SMSGate ({ $about }), которому здесь не доверяют.
fix-tls-smsgate = Включите в настройках «{ set-webhooks-trust_smsgate_ca }»; тогда ему доверяют только для частных адресов.
reason-tls-smsgate-public = Сертификат получателя выдан собственным центром SMSGate, которому доверяют только для частных адресов, а { $about } не из них.
fix-tls-smsgate-public = Укажите в URL частный адрес получателя или используйте сертификат другого центра.
reason-tls-no-names = Сертификат получателя не называет { $about } в subjectAltName; одного общего имени (CN) мало.
fix-tls-no-names = Выпустите сертификат с subjectAltName.
reason-tls-chain-dates = Сертификат центра, присланный получателем ({ $about }), истёк или ещё не действует.
fix-tls-chain-dates = Пусть получатель присылает новую цепочку; если она действует, проверьте дату на устройстве.
reason-tls-dates = Срок действия сертификата получателя истёк раньше, чем начался.
fix-tls-dates = Выпустите новый.
reason-tls-version = Сертификат получателя — X.509 версии { $about }; принимается только версия 3.
fix-tls-version = Выпустите сертификат с subjectAltName (openssl x509 -req требует для этого -extfile), тогда он будет версии 3.
reason-tls-key = Ключ сертификата получателя ({ $about }) этот шлюз проверить не может.
fix-tls-key = Используйте P-256, P-384, RSA 2048 или Ed25519.
reason-tls-key-short = Ключ RSA сертификата получателя длиной { $about } бит слишком короток, чтобы быть надёжным.
fix-tls-key-short = { fix-tls-key }
reason-tls-issuer-key = Ключ центра, подписавшего сертификат получателя ({ $about }), этот шлюз проверить не может.
fix-tls-issuer-key = Пусть его подпишет центр с ключом P-256, P-384, RSA 2048 или Ed25519.
reason-tls-algorithm = Сертификат получателя подписан способом ({ $about }), который этот шлюз не принимает.
fix-tls-algorithm = Подпишите его с SHA-256 или SHA-384.
reason-tls-signature = Сертификат получателя подписан не тем ключом его центра ({ $about }), который здесь известен.
fix-tls-signature = Если у центра новый ключ, замените его сертификат в настройках, «{ set-webhooks-ca_certificates }»; иначе выпустите сертификат получателя заново.
reason-tls-key-mismatch = Закрытый ключ получателя не подходит к его сертификату.
fix-tls-key-mismatch = Укажите ключ и сертификат из одной пары.
reason-tls-ca = Получатель предъявляет сертификат центра как свой.
fix-tls-ca = Выпустите для получателя сертификат без CA:TRUE или добавьте именно этот в настройках, «{ set-webhooks-ca_certificates }».
reason-tls-chain-unusable = Сертификат, который получатель присылает для центра ({ $about }), не может быть сертификатом центра.
fix-tls-chain-unusable = Выпустите сертификат центра заново: X.509 версии 3 с CA:TRUE.
reason-tls-purpose = Сертификат получателя не предназначен для серверов (extendedKeyUsage).
fix-tls-purpose = Выпустите сертификат с serverAuth.
reason-tls-constraint = Центру сертификата получателя нельзя подписывать для { $about } (nameConstraints).
fix-tls-constraint = Используйте имя, для которого ему можно подписывать, или другой центр.
reason-tls-path = Цепочка центров получателя длиннее, чем допускает один из них (pathLenConstraint).
fix-tls-path = Пусть сертификат получателя подпишет центр ближе к корню.
reason-tls-chain-long = Получатель присылает больше сертификатов, чем можно перебрать.
fix-tls-chain-long = Пусть присылает только свой и те, что между ним и корнем.
reason-tls-extension = В сертификате получателя есть критическое расширение, неизвестное этому шлюзу.
fix-tls-extension = Выпустите сертификат без него или не помечайте его критическим.
reason-tls-encoding = Сертификат получателя повреждён или составлен неверно.
fix-tls-encoding = Выпустите новый.
reason-tls-none = Получатель не присылает сертификата.
fix-tls-none = Настройте его в TLS получателя.
reason-tls-not = То, что отвечает на { $about }, не говорит по TLS.
fix-tls-not = Проверьте порт в URL: для https:// нужен порт HTTPS получателя.
reason-tls-plain = { $about } на этом порту отвечает по HTTP без TLS, а не по HTTPS.
fix-tls-plain = Используйте порт HTTPS получателя или http://, если это разрешает «{ set-webhooks-allow_http }».
reason-tls-old = { $about } знает только слишком старые версии TLS.
fix-tls-old = Включите там TLS 1.2 или 1.3.
reason-tls-common = У { $about } и этого устройства нет общего шифра TLS или вида ключа.
fix-tls-common = Включите там ECDHE с AES-GCM или ChaCha20 и используйте сертификат с ключом P-256, P-384, RSA 2048 или Ed25519.
reason-tls-unknown-name = TLS получателя не знает имени { $about } (unrecognized_name).
fix-tls-unknown-name = Настройте его TLS для этого имени или используйте имя, для которого он настроен.
reason-tls-client = { $about } требует сертификат клиента, а у этого шлюза его нет.
fix-tls-client = Пусть принимает вебхуки без него: отправителя подтверждает X-Signature.
reason-tls-internal = У { $about } произошла внутренняя ошибка при рукопожатии TLS (internal_error).
fix-tls-internal = Проверьте его журнал; некоторые серверы говорят так, когда у них нет сертификата для этого имени.
reason-tls-denied = { $about } отказывает этому устройству при рукопожатии TLS (access_denied).
fix-tls-denied = Проверьте его правила и журнал.
reason-tls-http1 = { $about } не предлагает HTTP/1.1 через TLS (no_application_protocol).
fix-tls-http1 = Включите там HTTP/1.1.
reason-tls-alert = Получатель прервал рукопожатие TLS ({ $about }).
fix-tls-alert = Проверьте его журнал.
reason-tls-rules = { $about } нарушает правила TLS.
fix-tls-rules = Обновите библиотеку TLS получателя; поищите прокси между ними.
reason-tls-damaged = { $about } присылает повреждённые данные TLS.
fix-tls-damaged = Найдите, что портит их по пути: прокси, антивирус, неисправная сеть.
reason-tls-closed = { $about } закрыл соединение во время рукопожатия TLS.
fix-tls-closed = Проверьте его журнал, его сертификат и что порт отвечает по HTTPS.
reason-tls-silent = { $about } принимает соединение, но не отвечает по TLS 10 секунд.
fix-tls-silent = Проверьте, что порт отвечает по HTTPS и получатель не перегружен.
reason-dns = Имя { $about } не найдено.
fix-dns = Проверьте имя узла в URL и DNS сети.
reason-closed = Получатель закрыл соединение, не ответив.
fix-closed = Проверьте, нет ли в его журнале сбоя; так бывает и при http:// в URL, если порт принимает HTTPS, и наоборот.
reason-not-allowed = Без TLS (http://) на { $about } нельзя.
fix-not-allowed = Используйте https:// или разрешите большее в настройках, «{ set-webhooks-allow_http }».
reason-no-network = У устройства нет сети.
fix-no-network = Доставка ждёт и не тратит повторов.
reason-not-http = Ответ получен не по HTTP; он начинается с «{ $about }».
fix-not-http = Проверьте порт в URL вебхука.
reason-not-http-tls = { $about } на этом порту принимает TLS, а не HTTP без шифрования.
fix-not-http-tls = Начните URL вебхука с https://.
reason-device-descriptors = На этом устройстве не осталось файловых дескрипторов для соединения.
fix-device-descriptors = Доставка ждёт и не тратит повторов. Закройте клиентов, которые держат соединения открытыми, или увеличьте лимит открытых файлов.
reason-device-memory = На этом устройстве не осталось памяти для соединения.
fix-device-memory = Доставка ждёт и не тратит повторов. Завершите другие программы на этом устройстве.
reason-device-ports = На этом устройстве не осталось локальных портов для соединения.
fix-device-ports = Доставка ждёт и не тратит повторов. Завершите программы, которые держат много соединений.
reason-device-permission = Это устройство не разрешает шлюзу открывать соединения.
fix-device-permission = Доставка ждёт и не тратит повторов. Разрешите шлюзу доступ к сети в настройках системы или брандмауэра.
reason-offline = У устройства нет интернета, поэтому ничего не отправляется.
fix-offline = Подключите устройство или отключите «{ set-webhooks-internet_required }» для получателей в локальной сети.
