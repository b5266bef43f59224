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
sign-in = Войти
sign-out = Выйти
user = Пользователь
password = Пароль
sign-in-hint = Пользователь и пароль те же, что у API. Они показаны там, где запущен шлюз.
sign-in-wrong = Неверный пользователь или пароль.
sign-in-throttled = С этого адреса слишком много неверных паролей. Подождите немного и попробуйте снова.
sign-in-link-used = Эта ссылка уже использована или старше пяти минут. Войдите здесь.
refused = Так не получится
refused-origin = Запрос отправлен не со страницы этого шлюза. Откройте страницу заново и повторите там.
refused-token = Эта форма относится к прежнему входу. Откройте страницу заново и повторите там.
refused-form = Это не форма этой страницы.
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
# Small words
save = Сохранить
add = Добавить
edit = Изменить
delete = Удалить
replace = Заменить
show = Показать
copy = Копировать
all = Все
details = Подробности
pages = Страницы
newest = Новейшие
older = Старше
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
unchanged = без изменений
forget = Забыть сохранённое
type-again = Введённое здесь не сохраняется. Введите ещё раз.
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
state-offline = Ждёт интернета
state-offline-why = Сообщения принимаются и хранятся. Вебхуки уйдут, когда появится интернет.
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
home-no-webhooks = О сообщениях пока никто не узнаёт.
home-reach = Как к нему обращаться
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
warning-storage = Память заполнена или недоступна для записи.
warning-damaged = Часть базы данных повреждена.
warning-recovered = База данных была повреждена и восстановлена; что-то могло пропасть.
warning-removed = Вебхуки, которые так и не дошли, удалены через 30 дней. Посмотрите на вебхуки с ошибками.
warning-failed = За последний час некоторые сообщения не удалось отправить.
warning-webhooks = { $n ->
    [one] { $n } вебхук с ошибками.
    [few] { $n } вебхука с ошибками.
   *[other] { $n } вебхуков с ошибками.
}
# Messages
messages-empty = Сообщений пока нет. Отправьте SMS на это устройство.
unknown-sender = неизвестный отправитель
no-text = без текста
attachment = Вложение
timeline = Что произошло
timeline-sent = принято сетью
timeline-kept = сохранено здесь
timeline-nobody = Для него не было вебхука.
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
out-pending = ждёт
out-cancelling = отменяется
out-cancelled = отменено
out-processed = у модема
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
not-before = Не раньше
not-after = Не позже
report = Отчёт о доставке
wanted = запрошен
not-wanted = не запрошен
recipients = Получатели
timeline-asked = принято к отправке
# Webhooks
webhooks-empty = Вебхуков пока нет. Добавьте адрес, который должен узнавать о сообщениях.
webhook-add = Добавить вебхук
webhook-id = Идентификатор
webhook-id-hint = Если оставить пустым, будет создан.
webhook-delete = Удалить этот вебхук
webhook-delete-why = Всё, что его ждёт, отменяется.
webhook-gone = Этот вебхук тем временем удалён, поэтому ничего не сохранено. Добавьте его снова, если он ещё нужен.
send-test = Отправить проверку
deliveries = Доставки
deliveries-empty = Доставок здесь нет. Они создаются для каждого события.
last-attempt = Последняя попытка:
waiting = Ожидают
retrying = Не удались, будут повторены
health-new = ещё не использован
health-good = работает
health-bad = с ошибками
state-pending = ожидает
state-delivered = доставлено
state-dead = не доставлено
state-cancelled = отменено
queued = В очереди с
settled = Завершено
next-attempt = следующая попытка
attempts = Попытки
attempts-none = Попыток ещё не было.
attempts-count = { $n ->
    [one] { $n } попытка
    [few] { $n } попытки
   *[other] { $n } попыток
}
answer = Ответ получателя
try-now = Попробовать сейчас
replay = Доставить ещё раз
replay-what = Что
replay-since = В очереди с момента
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
step-url = Правила для URL
step-network = Интернет
step-name = Имя
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
schedule-others = К чему ведут другие числа
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
set-messages-sim_selection_mode = Выбор SIM
help-messages-sim_selection_mode = Какая SIM отправляет сообщение, в котором она не указана.
set-messages-log_lifetime_days = Хранить сообщения
help-messages-log_lifetime_days = Сколько хранить сообщения; всегда, если не задано.
set-messages-processing_order = Порядок
help-messages-processing_order = Что отправлять первым при равном приоритете: новейшее (LIFO) или старейшее (FIFO).
set-ping-interval_seconds = Пауза между сигналами
help-ping-interval_seconds = Пауза между двумя событиями system:ping; если не задано, их нет.
set-logs-lifetime_days = Хранить журнал
help-logs-lifetime_days = Сколько хранить записи журнала.
set-webhooks-internet_required = Ждать интернета
help-webhooks-internet_required = Не делать и не тратить попыток, пока у устройства нет интернета. Выключите для получателей в местной сети.
set-webhooks-retry_count = Повторы
help-webhooks-retry_count = Сколько раз повторять неудачную доставку: через 10 с, 20 с, 40 с и так далее.
set-webhooks-signing_key = Ключ подписи
set-webhooks-allow_http = Получатели без TLS
help-webhooks-allow_http = К каким получателям вебхуки могут идти без TLS: к этому устройству (loopback), в частные сети (private) или к любым (any).
set-webhooks-ca_certificates = Дополнительные сертификаты
help-webhooks-ca_certificates = Сертификаты PEM, которым доверять помимо системных, для получателей со своим центром или самоподписанным сертификатом.
set-encryption-passphrase = Парольная фраза
help-encryption-passphrase = Парольная фраза зашифрованных сообщений. Никогда не показывается.
set-gateway-cloud_url = Сервер
help-gateway-cloud_url = Сервер облачного или частного режима.
set-gateway-private_token = Токен
help-gateway-private_token = Токен частного сервера. Никогда не показывается.
set-gateway-notification_channel = Пробуждение
help-gateway-notification_channel = Как сервер будит это устройство.
set-ui-language = Язык
help-ui-language = Язык этой страницы.
# Access
access-change = Пользователь, пароль и порт
password-now = Нынешний пароль
password-new = Новый пароль
password-new-hint = От 8 до 128 знаков. Новый пароль завершает все входы, ваш тоже.
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
choice-osdefault = как выбрано в телефоне
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
problem-certificates = { $name }: нужны один или несколько сертификатов в виде PEM, не более 262144 символов.
problem-choice = { $name }: выберите из предложенного.
problem-pauses = Наибольшая пауза ({ $max }) не должна быть меньше наименьшей ({ $min }).
problem-id = Идентификатор: от 1 до 64 печатных символов.
problem-id-taken = Вебхук с таким идентификатором уже есть. Выберите другой или измените тот на его странице.
problem-event = Выберите одно из предложенных событий.
problem-url-long = URL не длиннее 2048 символов.
problem-url-spaces = В URL не должно быть пробелов и управляющих символов.
problem-url-incomplete = Нужен полный URL, например https://example.com/webhook.
problem-url-tls = URL должен начинаться с https://. Без TLS (http://) можно только на само устройство (127.0.0.1, localhost), если в настройках «{ set-webhooks-allow_http }» не разрешено большее.
problem-url-scheme = URL должен начинаться с https:// и называть узел.
problem-from = Отправитель: от 1 до 64 символов.
problem-sms = Текст не длиннее 39015 символов.
problem-sim = Выберите одну из предложенных SIM.
# What the store says
store-full = Хранилище заполнено. Освободите место; отправленное сейчас не принято, отправьте ещё раз.
store-unavailable = Сейчас в хранилище нельзя писать. Отправленное не принято, отправьте позже ещё раз.
store-damaged = База данных повреждена, и нужна повреждённая часть. Ничего не принято. Остановите шлюз, запустите simrelay recover или верните копию (в приложении: перезапустите его), затем отправьте ещё раз.
store-closed = Шлюз останавливается. Отправьте ещё раз, когда он вернётся.
store-internal = Внутренняя ошибка. Что случилось, говорит вывод самой программы.
# Why an attempt failed, and what to do. In English these are the sentences of the API.
reason-status = Получатель ответил статусом { $status }; нужен ответ 2xx.
reason-status-key = { reason-status }
fix-status-key = Проверьте ключ или пароль в URL вебхука.
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
fix-timeout-answering = Он должен сначала ответить, а потом работать.
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
reason-tls-unusable = Сертификат получателя нельзя использовать (повреждён, отозван или не для серверов).
fix-tls-unusable = Выпустите новый.
reason-tls-handshake = { $about } и устройство не договорились о TLS.
fix-tls-handshake = Проверьте, что порт отвечает по HTTPS с TLS 1.2 или 1.3.
reason-dns = Имя { $about } не найдено.
fix-dns = Проверьте имя узла в URL и DNS сети.
reason-closed = Получатель закрыл соединение, не ответив.
fix-closed = Посмотрите в его журнале, не было ли сбоя; так же ведёт себя порт без TLS под URL https://.
reason-not-allowed = Без TLS (http://) на { $about } нельзя.
fix-not-allowed = Используйте https:// или разрешите большее в настройках, «{ set-webhooks-allow_http }».
reason-no-network = У устройства нет сети.
fix-no-network = Доставка ждёт и не тратит повторов.
reason-offline = У устройства нет интернета, поэтому ничего не отправляется.
fix-offline = Подключите устройство или отключите «{ set-webhooks-internet_required }» для получателей в локальной сети.
