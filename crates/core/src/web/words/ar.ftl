# Menu and frame
menu = القائمة
menu-home = الرئيسية
menu-messages = الرسائل
menu-webhooks = خطافات الويب
menu-settings = الإعدادات
menu-access = الوصول
menu-logs = السجل
menu-simulator = المحاكي
menu-about = حول البرنامج
skip = انتقل إلى المحتوى
title-refused = خطأ: { $name }
sign-in = تسجيل الدخول
sign-out = تسجيل الخروج
away = لا اتصال بالبوابة منذ { $n }. المعروض هو ما كان حينها. لا يمكن إرسال شيء حتى يعود الاتصال، وما كتبته باقٍ. المحاولة مستمرة…
user = المستخدم
password = كلمة المرور
sign-in-hint = استعمل مستخدم الواجهة البرمجية وكلمة مرورها. تعرضهما الطرفية أو التطبيق الذي شغّل البوابة.
sign-in-wrong = المستخدم أو كلمة المرور غير صحيح.
sign-in-throttled = كلمات مرور خاطئة كثيرة من هذا العنوان. انتظر قليلًا ثم حاول مجددًا.
sign-in-link-used = استُخدم هذا الرابط من قبل أو مضى عليه أكثر من خمس دقائق. سجّل الدخول هنا.
refused = هذا غير ممكن
refused-origin = لم يُرسل هذا من صفحة لهذه البوابة. افتح الصفحة من جديد وأعد المحاولة منها.
refused-token = هذا النموذج يخص تسجيل دخول سابقًا. افتح الصفحة من جديد وأعد المحاولة منها.
refused-form = لا يوجد نموذج كهذا في هذه الصفحة.
refused-large = هذا أكبر مما يمكن قبوله. اختصره.
refused-incomplete = لم يصل النموذج كاملاً. أرسله مرة أخرى.
refused-path = لا توجد صفحة كهذه.
refused-method = لا يمكن فعل هذا هنا.
not-found = لم يعد هنا شيء.
done-saved = تم الحفظ.
done-added = تمت الإضافة. أرسل اختبارًا لترى هل يصل.
done-deleted = تم الحذف.
done-replayed = سيُسلَّم مرة أخرى.
done-received = وصلت الرسالة.
deliveries-replayed = { $n ->
    [zero] لا تسليمات تُعاد.
    [one] يُعاد تسليم واحد ({ $n }).
    [two] يُعاد تسليمان ({ $n }).
    [few] تُعاد { $n } تسليمات.
    [many] يُعاد { $n } تسليمًا.
   *[other] يُعاد { $n } تسليم.
}
deliveries-replayed-none = لم يكن هناك ما يُعاد تسليمه.
deliveries-discarded = { $n ->
    [one] أُهمل تسليم واحد.
    [two] أُهمل تسليمان.
    [few] أُهملت { $n } تسليمات.
    [many] أُهمل { $n } تسليمًا.
   *[other] أُهمل { $n } تسليم.
}
deliveries-discarded-none = لم يكن هناك ما يُهمل.
deliveries-tried = { $n ->
    [one] حان الآن تسليم واحد.
    [two] حان الآن تسليمان.
    [few] حانت الآن { $n } تسليمات.
    [many] حان الآن { $n } تسليمًا.
   *[other] حان الآن { $n } تسليم.
}
deliveries-tried-none = لم ينتظر شيء محاولة لاحقة.
# Small words
save = حفظ
add = إضافة
edit = تعديل
delete = حذف
replace = استبدال
show = إظهار
copy = نسخ
copied = نُسخ
all = الكل
details = التفاصيل
pages = الصفحات
newest = الأحدث
older = أقدم
looked-none = لا شيء بين أحدث { $n }.
looked-further = تابع البحث
from = من
to = إلى
text = النص
kind = النوع
state = الحالة
event = الحدث
message = رسالة
webhook = خطاف ويب
delivery = تسليم
never = أبدًا
none-within = { $n ->
    [one] لا شيء في اليوم الأخير
    [two] لا شيء في اليومين الأخيرين
    [few] لا شيء في آخر { $n } أيام
   *[other] لا شيء في آخر { $n } يومًا
}
unchanged = بلا تغيير
forget = امحُ المحفوظ
type-again = أُفرغ هذا الحقل. اكتب فيه مرة أخرى.
# Times
time-now = الآن
time-seconds-ago = { $n ->
    [one] قبل ثانية
    [two] قبل ثانيتين
    [few] قبل { $n } ثوانٍ
   *[other] قبل { $n } ثانية
}
time-minutes-ago = { $n ->
    [one] قبل دقيقة
    [two] قبل دقيقتين
    [few] قبل { $n } دقائق
   *[other] قبل { $n } دقيقة
}
time-hours-ago = { $n ->
    [one] قبل ساعة
    [two] قبل ساعتين
    [few] قبل { $n } ساعات
   *[other] قبل { $n } ساعة
}
time-days-ago = { $n ->
    [one] قبل يوم
    [two] قبل يومين
    [few] قبل { $n } أيام
   *[other] قبل { $n } يومًا
}
time-seconds-ahead = { $n ->
    [one] بعد ثانية
    [two] بعد ثانيتين
    [few] بعد { $n } ثوانٍ
   *[other] بعد { $n } ثانية
}
time-minutes-ahead = { $n ->
    [one] بعد دقيقة
    [two] بعد دقيقتين
    [few] بعد { $n } دقائق
   *[other] بعد { $n } دقيقة
}
time-hours-ahead = { $n ->
    [one] بعد ساعة
    [two] بعد ساعتين
    [few] بعد { $n } ساعات
   *[other] بعد { $n } ساعة
}
time-days-ahead = { $n ->
    [one] بعد يوم
    [two] بعد يومين
    [few] بعد { $n } أيام
   *[other] بعد { $n } يومًا
}
length-ms = { $n } م.ث
length-s = { $n } ث
length-min = { $n } د
length-h = { $n } س
length-d = { $n ->
    [one] يوم
    [two] يومين
    [few] { $n } أيام
   *[other] { $n } يومًا
}
length-y = { $n ->
    [one] سنة
    [two] سنتين
    [few] { $n } سنوات
   *[other] { $n } سنة
}
# Home
state-running = تعمل
state-running-why = الرسائل تصل وخطافات الويب تخرج.
state-problems = تعمل مع مشكلات
state-problems-why = الرسائل تصل وخطافات الويب تخرج، لكن شيئًا ما يحتاج إليك.
state-offline = بلا إنترنت
state-offline-why = ما زالت الرسائل تُستقبل وتُحفظ، وستُسلَّم خطافات الويب عند عودة الاتصال.
state-stopped = متوقفة
state-stopped-why = الرسائل تُحفظ، لكن لا يخرج شيء حتى تُشغَّل البوابة.
state-full = الذاكرة ممتلئة
state-full-why = لا يمكن حفظ جديد. أفرغ مساحة في الجهاز وستتابع البوابة وحدها.
state-damaged = قاعدة البيانات تالفة
state-damaged-why = لا يمكن قراءة جزء مما حُفظ، وما هو سليم يواصل العمل. على الهاتف أعد تشغيل التطبيق، وعلى غيره أوقف البوابة وشغّل simrelay recover.
state-recovered = استُعيدت قاعدة البيانات
state-recovered-why = كانت تالفة، وكل ما أمكنت قراءته موجود في ملف جديد. انظر التنبيه أعلاه.
recovered = كانت قاعدة البيانات تالفة واستُعيدت:
recovered-lost = فُقد بعض ما حُفظ. الملف التالف محفوظ بجانب الجديد. عدد السجلات المعروف فقدانها:
recovered-kept = لا يُعرف أن شيئًا فُقد. الملف التالف محفوظ بجانب الجديد.
recovered-seen = اطّلعت على ذلك
home-no-webhooks = لا خطافات بعد، فلا تذهب الرسائل الواردة إلى أي مكان.
home-reach = الوصول إلى API
address = العنوان
device = الجهاز
device-name = الاسم
device-id = معرّف الجهاز
no-sim = لا توجد شريحة SIM
battery = البطارية
charging = قيد الشحن
network = الشبكة
online = مع إنترنت
offline = بلا إنترنت
network-none = لا شيء
network-unknown = غير معروفة
network-cellular = بيانات الجوال
network-wifi = واي فاي
network-ethernet = سلك
last-in = آخر رسالة واردة
last-out = آخر خطاف خرج
last-handed = آخر رسالة صادرة
waiting-messages = رسائل تنتظر الإرسال
queue = تسليمات منتظرة
dead = متروكة
warning-offline = لا يوجد إنترنت.
warning-battery = البطارية منخفضة. صِل الشاحن.
warning-broken = تعطّلت مهمة من مهام البوابة بسبب خطأ في البرنامج وأُعيد تشغيلها.
warning-reading = لا يمكن قراءة الذاكرة.
warning-storage = الذاكرة ممتلئة أو لا يمكن الكتابة فيها.
warning-device = لا يستطيع هذا الجهاز فتح الاتصالات الآن. خطافات الويب تنتظر ولا تستهلك إعادات.
warning-damaged = جزء من قاعدة البيانات تالف.
warning-recovered = كانت قاعدة البيانات تالفة واستُعيدت؛ قد يكون شيء منها مفقودًا.
warning-removed = حُذفت بعد 30 يومًا خطافات لم تصل قط. انظر إلى الخطافات التي تفشل.
warning-failed = { $n ->
    [one] فشلت رسالة واحدة في الساعة الأخيرة.
    [two] فشلت رسالتان في الساعة الأخيرة.
    [few] فشلت { $n } رسائل في الساعة الأخيرة.
   *[other] فشلت { $n } رسالة في الساعة الأخيرة.
}
warning-webhooks = { $n ->
    [one] خطاف واحد يفشل.
    [two] خطافان يفشلان.
    [few] { $n } خطافات تفشل.
   *[other] { $n } خطافًا يفشل.
}
warning-dead = { $n ->
    [one] تُرك تسليم واحد.
    [two] تُرك تسليمان.
    [few] تُركت { $n } تسليمات.
    [many] تُرك { $n } تسليمًا.
   *[other] تُرك { $n } تسليم.
}
look = انظر
deliver-all = سلّم الكل مرة أخرى
noted = اطّلعتُ عليه
# Messages
messages-empty = لم تصل رسالة بعد. أرسل رسالة قصيرة إلى هذا الجهاز.
unknown-sender = مرسل مجهول
no-text = بلا نص
attachment = مرفق
timeline = ما الذي حدث
timeline-sent = تسلّمتها الشبكة
timeline-kept = حُفظت هنا
timeline-nobody = لم يكن لها خطاف مسجّل.
timeline-forgotten = لم تعد تسليماتها محفوظة. ما سُلّم يُحفظ { $n } أيام.
came-in = واردة
goes-out = صادرة
direction = الاتجاه
messages-none = لا رسائل هنا.
messages-all = إظهار كل الرسائل
more-recipients = { $n ->
    [one] وواحد آخر
    [two] واثنان آخران
    [few] و{ $n } آخرون
   *[other] و{ $n } آخر
}
more-deliveries = { $n ->
    [one] وتسليم آخر:
    [two] وتسليمان آخران:
    [few] و{ $n } تسليمات أخرى:
   *[other] و{ $n } تسليمًا آخر:
}
encrypted = مشفّرة
encrypted-number = رقم مشفّر
out-pending = في قائمة الانتظار
out-cancelling = تُلغى
out-cancelled = مُلغاة
out-processed = تُرسل الآن
out-sent = أُرسلت
out-delivered = سُلّمت
out-failed = فشلت
parts = الأجزاء
parts-count = { $n ->
    [one] جزء واحد
    [two] جزءان
    [few] { $n } أجزاء
   *[other] { $n } جزءًا
}
parts-done = الأجزاء: { $n }، أُرسل: { $sent }، سُلّم: { $delivered }
not-before = مجدولة في
not-after = تنتهي صلاحيتها في
report = تقرير التسليم
wanted = مطلوب
not-wanted = غير مطلوب
recipients = المستلمون
timeline-asked = طُلب إرسالها هنا
# Webhooks
webhooks-before = خطافات الويب السابقة
webhooks-more = مزيد من خطافات الويب
webhooks-empty = لا خطافات بعد. أضف العنوان الذي ينبغي إبلاغه بالرسائل.
webhook-add = إضافة خطاف
webhook-id = المعرّف
webhook-id-hint = إن تُرك فارغًا أُنشئ واحد.
webhook-delete = حذف هذا الخطاف
webhook-delete-why = ما ينتظره يُلغى، وما تُرك من تسليماته يُهمل.
webhook-gone = حُذف هذا الخطاف في هذه الأثناء، فلم يُحفظ شيء. أضفه من جديد إن كان لازمًا.
send-test = إرسال اختبار
deliveries = التسليمات
deliveries-empty = لا تسليمات هنا. لكل حدث تسليم.
dead-title = تسليمات متروكة
dead-empty = لا تسليمات متروكة.
discard-all = أهمل الكل
discard-why = لن تُجرى لها محاولة أخرى ولن تُحسب مشكلة بعد ذلك. يُحفظ سجلها 7 أيام.
last-attempt = آخر محاولة:
waiting = منتظرة
retrying = قيد إعادة المحاولة
health-new = لا تسليمات بعد
health-waiting = ينتظر المحاولة الأولى
health-good = يعمل
health-bad = يفشل
state-pending = منتظر
state-delivered = سُلّم
state-dead = متروك
state-cancelled = مُلغى
queued = أُنشئ
settled = انتهى
goes-on = التالي
next-attempt = المحاولة التالية
attempt-of = المحاولة { $n } من { $max }
due-turn = حان وقته، ينتظر دوره
due-offline = حان وقته، ينتظر الإنترنت
due-stopped = حان وقته، ينتظر تشغيل البوابة
sending-now = يُرسل الآن ({ $n } ث)
messages-count = { $n ->
    [one] رسالة واحدة
    [two] رسالتان
    [few] { $n } رسائل
   *[other] { $n } رسالة
}
attempts = المحاولات
attempts-none = لم تُجرَ محاولة بعد.
attempts-count = { $n ->
    [zero] بلا محاولات
    [one] محاولة واحدة
    [two] محاولتان
    [few] { $n } محاولات
   *[other] { $n } محاولة
}
attempt-signature = الوقت والتوقيع
request = الطلب
request-url = العنوان كما هو مسجّل للخطاف الآن.
request-signed = لكل محاولة وقتها وتوقيعها. يظهران بجانب المحاولات، محسوبين بمفتاح التوقيع الحالي.
copy-body = نسخ المتن
copy-curl = كأمر curl
copy-curl-why = يرسل المتن مرة أخرى بوقت وتوقيع الآن. وفيه العنوان كاملًا بمفاتيحه.
body-cut = هذه بداية متن طوله { $n } بايت فقط. كاملًا:
open-message = إظهار الرسالة
answer = جواب المستقبِل
try-now = حاول الآن
try-all = حاول كل المنتظر الآن
waiting-later = { $n ->
    [one] ينتظر تسليم واحد محاولته التالية.
    [two] ينتظر تسليمان محاولتهما التالية.
    [few] تنتظر { $n } تسليمات محاولتها التالية.
    [many] ينتظر { $n } تسليمًا محاولته التالية.
   *[other] ينتظر { $n } تسليم محاولته التالية.
}
replay = التسليم مرة أخرى
replay-what = أي تسليمات
replay-since = أُنشئت منذ
replay-since-hint = لازم لما سُلّم، وبدونه يُعاد كل متروك.
replay-when = حدّد منذ متى، كي لا يُعاد شيء سهوًا.
replay-nowhere = حُذف الخطاف، فلا مكان للتسليم.
class-timeout = لا جواب في الوقت
class-connect = لا اتصال
class-tls = الشهادة أو TLS
class-dns = الاسم غير موجود
class-closed = أُغلق الاتصال
class-not-allowed = غير مسموح
class-other = فشل
test-passed = وصل حدث الاختبار
test-failed = لم يصل حدث الاختبار
step-url = العنوان مسموح
step-network = الإنترنت
step-name = استعلام DNS
step-connection = الاتصال
step-tls = الشهادة و TLS
step-http = الجواب
# Settings
group-messages = الرسائل
group-ping = إشارات الحياة
group-logs = السجل
group-webhooks = خطافات الويب
group-encryption = التشفير
group-gateway = السحابة والخادم الخاص
group-device = معرّف الجهاز
group-ui = هذه الصفحة
range = من { $min } إلى { $max } ({ $what }).
unit-seconds = ثانية
unit-days = يوم
unit-messages = رسالة
unit-retries = إعادة
language-auto = كما في المتصفح
schedule = { $n ->
    [one] إعادة واحدة، بعد نحو { $after } من المحاولة الأولى
    [two] إعادتان، آخرهما بعد نحو { $after } من المحاولة الأولى
    [few] { $n } إعادات، آخرها بعد نحو { $after } من المحاولة الأولى
   *[other] { $n } إعادة، آخرها بعد نحو { $after } من المحاولة الأولى
}
schedule-others = إظهار كل أعداد الإعادات
signing-key-elsewhere = مفتاح التوقيع في صفحة الوصول.
set-messages-send_interval_min = أقصر فاصل
help-messages-send_interval_min = أقصر فاصل بين رسالتين.
set-messages-send_interval_max = أطول فاصل
help-messages-send_interval_max = أطول فاصل بين رسالتين، والفعلي عشوائي بينهما.
set-messages-limit_period = مدة الحد
help-messages-limit_period = المدة التي يسري عليها الحد.
set-messages-limit_value = الحد
help-messages-limit_value = أكثر ما يُرسل من الرسائل في المدة؛ 0 يعني بلا حد.
set-messages-work_hours_enabled = في ساعات العمل فقط
help-messages-work_hours_enabled = الإرسال في ساعات العمل فقط؛ الرسائل ذات الأولوية 100 فأكثر تخرج في أي وقت.
set-messages-work_hours_start = بداية ساعات العمل
help-messages-work_hours_start = متى تبدأ ساعات العمل.
set-messages-work_hours_end = نهاية ساعات العمل
help-messages-work_hours_end = متى تنتهي ساعات العمل؛ إن كانت قبل البداية امتدت عبر الليل.
set-messages-sim_selection_mode = الشريحة الافتراضية
help-messages-sim_selection_mode = الشريحة التي ترسل الرسائل التي لم تُحدَّد لها شريحة.
set-messages-log_lifetime_days = مدة حفظ الرسائل
help-messages-log_lifetime_days = كم تُحفظ الرسائل؛ دائمًا إن لم تُحدَّد أو كانت 0.
set-messages-processing_order = الترتيب
help-messages-processing_order = أيُرسل أولًا الأحدث (LIFO) أم الأقدم (FIFO) عند تساوي الأولوية.
set-ping-interval_seconds = الفاصل بين إشارات الحياة
help-ping-interval_seconds = الفاصل بين حدثي system:ping؛ لا شيء إن لم يُحدَّد أو كان 0.
set-logs-lifetime_days = مدة حفظ السجل
help-logs-lifetime_days = كم تُحفظ مدخلات السجل؛ دائمًا إن كانت 0.
set-webhooks-internet_required = اشتراط الإنترنت
help-webhooks-internet_required = ما دام الجهاز بلا إنترنت تنتظر التسليمات ولا تستهلك إعادات. أوقفه للمستقبِلين في الشبكة المحلية.
set-webhooks-retry_count = عدد الإعادات
help-webhooks-retry_count = كم مرة يُعاد تسليم فاشل: بعد 10 ث ثم 20 ث ثم 40 ث وهكذا.
set-webhooks-signing_key = مفتاح التوقيع
set-webhooks-allow_http = مستقبِلون بلا TLS
help-webhooks-allow_http = إلى أي مستقبِلين يجوز الإرسال بلا TLS: هذا الجهاز (loopback) أو الشبكات الخاصة (private) أو الجميع (any).
set-webhooks-ca_certificates = شهادات إضافية موثوقة
help-webhooks-ca_certificates = شهادات بصيغة PEM يوثق بها فوق شهادات النظام، لمستقبِلين لهم سلطة خاصة أو شهادة موقّعة ذاتيًا.
set-webhooks-trust_smsgate_ca = الوثوق بسلطة SMSGate
help-webhooks-trust_smsgate_ca = لمستقبِلين لهم شهادة من SMSGate. لا يوثق بها إلا حيث يسمّي عنوان الويب هوك عنوانًا خاصًا.
set-encryption-passphrase = عبارة المرور
help-encryption-passphrase = عبارة مرور الرسائل المشفّرة. لا تُعرض أبدًا.
set-gateway-cloud_url = الخادم
help-gateway-cloud_url = خادم الوضع السحابي أو الخاص. لا أثر له بعد.
set-gateway-private_token = الرمز
help-gateway-private_token = رمز الخادم الخاص. لا يُعرض أبدًا، ولا أثر له بعد.
set-gateway-notification_channel = الإيقاظ
help-gateway-notification_channel = كيف يوقظ الخادم هذا الجهاز. لا أثر له بعد.
set-device-id = معرّف الجهاز
help-device-id = معرّف الهاتف الذي يحلّ هذا الجهاز محلّه، للعملاء والمستقبلين الذين يعرفونه؛ معرّفه هو إن لم يُحدَّد. ما في الطابور يحتفظ بمعرّفه.
set-device-other_ids = معرّفات أخرى
help-device-other_ids = معرّفات أخرى يجوز للعملاء أن يسمّوا بها هذا الجهاز، تفصل بينها مسافات.
set-ui-language = اللغة
help-ui-language = لغة هذه الصفحة.
# Access
access-change = المستخدم وكلمة المرور والمنفذ
password-now = كلمة المرور الحالية
password-new = كلمة مرور جديدة
password-new-hint = من 8 إلى 128 حرفًا. كلمة المرور الجديدة تُخرج الجميع، وأنت أيضًا، وتلغي كل الرموز.
password-wrong = كلمة المرور غير صحيحة.
user-wrong = اسم المستخدم من 1 إلى 64 حرفًا وبلا نقطتين.
port = المنفذ
port-hint = عدد صحيح من 1024 إلى 65535.
port-moved = الصفحة الآن على منفذ آخر:
port-elsewhere = يُضبط منفذ هذا البرنامج حيث يُشغَّل:
signing-key = مفتاح التوقيع
signing-key-why = به يتحقق المستقبِلون أن الخطاف من هذه البوابة. المفتاح الجديد يسري من المحاولة التالية.
signing-key-new = مفتاح جديد
signing-key-random = مفتاح عشوائي
# Logs
priority = الأهمية
log-info = معلومة
log-warn = تحذير
log-error = خطأ
logs-empty = لا مدخلات بعد. ما تفعله البوابة يُدوَّن هنا.
logs-none = لا مدخل من هذا النوع.
logs-all = إظهار كل المدخلات
# Simulator
simulator-empty = أدخِل رسالة قصيرة وشاهدها تخرج إلى الخطافات.
simulator-receive = استقبالها
simulator-nobody = بلا خطاف
simulator-send-first = لم يُرسل شيء بعد. هذا الأمر يجعل الهاتف يرسل رسالة، وكلمة المرور في الشاشة الأولى.
simulator-send-more = اجعل الهاتف يرسل رسالة:
simulator-fates = الأرقام الأربعة الأخيرة تحدد ما تفعله الشبكة المحاكاة بها، وكلها موصوفة هنا:
# About
about = يحوّل SimRelay هاتفًا بشريحة SIM إلى بوابة رسائل قصيرة. ما يصل يخرج خطافاتِ ويب، ولا يضيع شيء في الطريق.
version = الإصدار
zone = المنطقة الزمنية
licence = الرخصة
# Choices of settings
choice-disabled = بلا حد
choice-perminute = دقيقة
choice-per30minutes = 30 دقيقة
choice-perhour = ساعة
choice-perday = يوم
choice-osdefault = الشريحة الافتراضية في الهاتف
choice-roundrobin = بالتناوب
choice-random = أيّ منها
choice-lifo = الأحدث أولًا (LIFO)
choice-fifo = الأقدم أولًا (FIFO)
choice-loopback = هذا الجهاز فقط
choice-private = الشبكات الخاصة أيضًا
choice-any = أي مكان
choice-auto = تلقائي
choice-sse_only = أحداث الخادم (SSE) فقط
# What is wrong with what was entered
problem-number = { $name }: يجب أن يكون عددًا صحيحًا من { $min } إلى { $max } ({ $what }).
problem-text = { $name }: يجب أن يكون نصًا من { $min } إلى { $max } حرفًا، لا مسافات فقط.
problem-time = { $name }: يجب أن يكون وقتًا من 00:00 إلى 23:59.
problem-url = { $name }: يجب أن يكون عنوانًا يبدأ بـ http:// أو https:// ولا يزيد على 2048 حرفًا.
problem-device-id = { $name }: يُسمح بالحروف اللاتينية والأرقام والعلامات - _ . : ~ @ +، ‏64 على الأكثر في كل معرّف، و16 معرّفًا على الأكثر.
problem-certificates = { $name }: يجب أن تكون شهادة أو أكثر بصيغة PEM، ولا تزيد على 262144 حرفًا.
problem-secret-key = { $name }: فيها مفتاح خاص، والإعدادات تُعرض. أدخل الشهادات وحدها، واستبدل ذلك المفتاح إن كان غيرك قد رآه.
problem-secret-login = { $name }: فيه مستخدم أو كلمة مرور، والإعدادات تُعرض. احذفهما.
problem-choice = { $name }: اختر واحدًا من المعروض.
problem-pauses = يجب ألا يقل أطول فاصل ({ $max }) عن أقصره ({ $min }).
problem-id = المعرّف من 1 إلى 64 حرفًا قابلًا للطباعة.
problem-id-taken = يوجد خطاف بهذا المعرّف. اختر غيره، أو عدّل ذاك في صفحته.
problem-event = اختر واحدًا من الأحداث المعروضة.
problem-url-long = العنوان لا يزيد على 2048 حرفًا.
problem-url-spaces = العنوان لا يحتوي مسافات أو أحرف تحكم أو أحرفًا لا تُرى.
problem-url-incomplete = يجب أن يكون العنوان كاملًا، مثل https://example.com/webhook.
problem-url-tls = يجب أن يبدأ العنوان بـ https://. أما http:// فإلى هذا الجهاز نفسه فقط (127.0.0.1 و localhost) ما لم تسمح الإعدادات بأكثر تحت «{ set-webhooks-allow_http }».
problem-url-scheme = يجب أن يبدأ العنوان بـ https:// ويسمّي خادمًا.
problem-url-fragment = لا يجوز # في العنوان: ما بعده لا يُرسل أبدًا. احذفه، أو اكتب %23 إن كان من المسار أو الاستعلام.
problem-url-backslash = لا يجوز في العنوان خط مائل عكسي. اكتب / أو %5C.
problem-url-login = يجب أن يكون المستخدم وكلمة المرور في العنوان نص UTF-8 (تُكتب الأحرف منه %XX)، بلا أحرف تحكم وبلا نقطتين في المستخدم.
problem-url-port = يجب أن يكون المنفذ في العنوان رقمًا من 1 إلى 65535.
problem-url-host = لا يمكن استعمال الخادم المكتوب في العنوان كما هو. اكتب اسمًا، أو عنوان IPv4 مثل 192.168.1.50، أو عنوان IPv6 بين قوسين معقوفين بلا منطقة.
problem-url-dots = لا يجوز في مسار العنوان . أو .. بين الخطوط المائلة. اكتب المسار الذي يؤدي إليه.
problem-from = المرسل من 1 إلى 64 حرفًا.
problem-sms = النص لا يزيد على 39015 حرفًا.
problem-sim = اختر إحدى الشرائح المعروضة.
# What the store says
store-full = الذاكرة ممتلئة. أفرغ مساحة؛ ما أُرسل الآن لم يُؤخذ، فأعد إرساله.
store-unavailable = لا يمكن الكتابة في الذاكرة الآن. ما أُرسل لم يُؤخذ، فأعد إرساله لاحقًا.
store-unreadable = لا يمكن قراءة الذاكرة الآن. حاول مرة أخرى لاحقًا.
store-busy = تُقرأ الآن قوائم كثيرة جدًا. حاول مرة أخرى بعد بضع ثوان.
store-too-long = استغرقت القراءة وقتًا طويلاً. اطلب أقل من ذلك.
store-damaged = قاعدة البيانات تالفة، وهذا يحتاج إلى الجزء التالف. لم يُؤخذ شيء. أوقف البوابة وشغّل simrelay recover أو استرجع نسخة (في التطبيق: أعد تشغيله)، ثم أعد الإرسال.
store-closed = البوابة تتوقف. أعد الإرسال حين تعود.
store-internal = حدث خطأ داخلي، وتفصيله في مخرجات البرنامج.
# Why an attempt failed, and what to do. In English these are the sentences of the API.
reason-status = أجاب المستقبِل بالحالة { $status }، وعليه أن يجيب 2xx.
reason-status-key = { reason-status }
fix-status-key = تحقق من مفتاح التوقيع، ومن المفتاح أو كلمة المرور في عنوان الخطاف.
reason-status-path = { reason-status }
fix-status-path = تحقق من المسار في عنوان الخطاف.
reason-status-post = { reason-status }
fix-status-post = على المستقبِل أن يقبل POST في هذا العنوان.
reason-status-size = { reason-status }
fix-status-size = على المستقبِل أن يقبل محتوى أكبر.
reason-status-log = { reason-status }
fix-status-log = انظر في سجل المستقبِل.
reason-redirect = أجاب المستقبِل بإعادة توجيه ({ $status })، وهي لا تُتبع.
fix-redirect = سجّل العنوان النهائي.
reason-timeout-connecting = لا اتصال بـ { $about } خلال 10 ثوانٍ.
fix-timeout-connecting = تحقق أن الخادم يعمل وأن جدارًا ناريًا لا يسقط الاتصال.
reason-timeout-answering = لم يجب المستقبِل خلال 30 ثانية.
fix-timeout-answering = عليه أن يجيب 2xx فورًا ثم يعالج الرسالة بعد ذلك.
reason-connect-refused = رفض { $about } الاتصال.
fix-connect-refused = تحقق أن المستقبِل يعمل وأن المنفذ في العنوان صحيح.
reason-connect-unreachable = لا يمكن الوصول إلى { $about }.
fix-connect-unreachable = تحقق أنه يعمل وفي شبكة يصل إليها هذا الجهاز.
reason-connect-other = تعذّر الاتصال بـ { $about }.
fix-connect-other = تحقق من العنوان والشبكة.
reason-tls-authority = شهادة المستقبِل موقّعة من سلطة غير معروفة ({ $about }).
fix-tls-authority = أضف شهادة السلطة في الإعدادات تحت «{ set-webhooks-ca_certificates }».
reason-tls-authority-unnamed = شهادة المستقبِل موقّعة من سلطة غير معروفة.
fix-tls-authority-unnamed = { fix-tls-authority }
reason-tls-name = شهادة المستقبِل ليست باسم { $about }.
fix-tls-name = استعمل الاسم الذي في الشهادة، أو أنشئ شهادة تسمّي { $about } (subjectAltName).
reason-tls-expired = انتهت صلاحية شهادة المستقبِل.
fix-tls-expired = جدّدها؛ وإن كانت صالحة فتحقق من تاريخ هذا الجهاز.
reason-tls-not-yet = شهادة المستقبِل لم تصبح صالحة بعد.
fix-tls-not-yet = تحقق من ساعتي المستقبِل وهذا الجهاز.
reason-tls-unusable = لا يمكن استعمال شهادة المستقبِل (ملغاة أو غير موثوقة).
fix-tls-unusable = أنشئ شهادة جديدة.
reason-tls-handshake = لم يتفق { $about } وهذا الجهاز على TLS.
fix-tls-handshake = تحقق أن المنفذ يتكلم HTTPS مع TLS 1.2 أو 1.3.
reason-tls-self-signed = شهادة المستقبِل موقّعة ذاتيًا، فلا سلطة تضمنها.
fix-tls-self-signed = أضف الشهادة نفسها في الإعدادات تحت «{ set-webhooks-ca_certificates }».
reason-tls-chain = لا يرسل المستقبِل شهادة السلطة التي وقّعت شهادته ({ $about }).
fix-tls-chain = اجعله يرسل السلسلة كاملة (غالبًا fullchain.pem)، أو أضف تلك الشهادة في الإعدادات تحت «{ set-webhooks-ca_certificates }».
reason-tls-smsgate = شهادة المستقبِل من سلطة SMSGate الخاصة ({ $about })، وهي غير موثوقة هنا.
fix-tls-smsgate = فعّل في الإعدادات «{ set-webhooks-trust_smsgate_ca }»؛ فيوثق بها للعناوين الخاصة وحدها.
reason-tls-smsgate-public = شهادة المستقبِل من سلطة SMSGate الخاصة، ولا يوثق بها إلا للعناوين الخاصة، و{ $about } ليس منها.
fix-tls-smsgate-public = اكتب العنوان الخاص للمستقبِل في عنوان الويب هوك، أو استعمل شهادة من سلطة أخرى.
reason-tls-no-names = شهادة المستقبِل لا تسمّي { $about } في subjectAltName؛ والاسم الشائع (CN) وحده لا يكفي.
fix-tls-no-names = أنشئ شهادة فيها subjectAltName.
reason-tls-chain-dates = شهادة سلطة يرسلها المستقبِل ({ $about }) انتهت صلاحيتها أو لم تبدأ بعد.
fix-tls-chain-dates = اجعل المستقبِل يرسل سلسلة أحدث؛ وإن كانت صالحة فتحقق من تاريخ هذا الجهاز.
reason-tls-dates = شهادة المستقبِل انتهت صلاحيتها قبل يومها الأول.
fix-tls-dates = أنشئ شهادة جديدة.
reason-tls-version = شهادة المستقبِل من إصدار X.509 رقم { $about }، ولا يُقبل إلا الإصدار 3.
fix-tls-version = أنشئ شهادة فيها subjectAltName (يحتاج openssl x509 -req لذلك إلى ‎-extfile)، فتصير من الإصدار 3.
reason-tls-key = مفتاح شهادة المستقبِل ({ $about }) من نوع لا تستطيع هذه البوابة التحقق منه.
fix-tls-key = استعمل P-256 أو P-384 أو RSA 2048 أو Ed25519.
reason-tls-key-short = مفتاح RSA في شهادة المستقبِل طوله { $about } بتًا، وهو أقصر من أن يكون آمنًا.
fix-tls-key-short = { fix-tls-key }
reason-tls-issuer-key = مفتاح السلطة التي وقّعت شهادة المستقبِل ({ $about }) لا تستطيع هذه البوابة التحقق منه.
fix-tls-issuer-key = لتوقّعها سلطة مفتاحها P-256 أو P-384 أو RSA 2048 أو Ed25519.
reason-tls-algorithm = شهادة المستقبِل موقّعة بطريقة ({ $about }) لا تقبلها هذه البوابة.
fix-tls-algorithm = وقّعها باستعمال SHA-256 أو SHA-384.
reason-tls-signature = شهادة المستقبِل ليست موقّعة بالمفتاح المعروف هنا لسلطتها ({ $about }).
fix-tls-signature = إن كان للسلطة مفتاح جديد فاستبدل شهادتها في الإعدادات تحت «{ set-webhooks-ca_certificates }»؛ وإلا فأعد إنشاء شهادة المستقبِل.
reason-tls-key-mismatch = المفتاح الخاص للمستقبِل لا يخص شهادته.
fix-tls-key-mismatch = اضبط المفتاح والشهادة اللذين أُنشئا معًا.
reason-tls-ca = يقدّم المستقبِل شهادة سلطة على أنها شهادته.
fix-tls-ca = أنشئ للمستقبِل شهادة بلا CA:TRUE، أو أضف هذه الشهادة نفسها في الإعدادات تحت «{ set-webhooks-ca_certificates }».
reason-tls-chain-unusable = شهادة يرسلها المستقبِل لسلطة ({ $about }) لا تصلح أن تكون شهادة سلطة.
fix-tls-chain-unusable = أعد إنشاء شهادة السلطة بإصدار X.509 رقم 3 ومع CA:TRUE.
reason-tls-purpose = شهادة المستقبِل ليست للخوادم (extendedKeyUsage).
fix-tls-purpose = أنشئ شهادة فيها serverAuth.
reason-tls-constraint = لا يجوز لسلطة شهادة المستقبِل أن توقّع لـ { $about } (nameConstraints).
fix-tls-constraint = استعمل اسمًا يجوز لها التوقيع له، أو سلطة أخرى.
reason-tls-path = سلسلة سلطات المستقبِل أطول مما تسمح به إحداها (pathLenConstraint).
fix-tls-path = لتوقّع شهادةَ المستقبِل سلطة أقرب إلى الجذر.
reason-tls-chain-long = يرسل المستقبِل شهادات أكثر مما يمكن البحث فيه.
fix-tls-chain-long = اجعله يرسل شهادته وما بينها وبين الجذر فقط.
reason-tls-extension = في شهادة المستقبِل امتداد حرج لا تعرفه هذه البوابة.
fix-tls-extension = أنشئ شهادة بدونه، أو لا تجعله حرجًا.
reason-tls-encoding = شهادة المستقبِل تالفة أو أُنشئت خطأً.
fix-tls-encoding = أنشئ شهادة جديدة.
reason-tls-none = لا يرسل المستقبِل أي شهادة.
fix-tls-none = اضبط له شهادة في TLS.
reason-tls-not = ما يجيب عند { $about } لا يتكلم TLS.
fix-tls-not = تحقق من المنفذ في العنوان؛ https:// يحتاج منفذ HTTPS للمستقبِل.
reason-tls-plain = يتكلم { $about } عند هذا المنفذ HTTP بلا تشفير، لا HTTPS.
fix-tls-plain = استعمل منفذ HTTPS للمستقبِل، أو http:// حيث يسمح به «{ set-webhooks-allow_http }».
reason-tls-old = لا يتكلم { $about } إلا إصدارات قديمة جدًا من TLS.
fix-tls-old = فعّل هناك TLS 1.2 أو 1.3.
reason-tls-common = ليس بين { $about } وهذا الجهاز خوارزمية TLS أو نوع مفتاح مشترك.
fix-tls-common = فعّل هناك ECDHE مع AES-GCM أو ChaCha20، واستعمل شهادة مفتاحها P-256 أو P-384 أو RSA 2048 أو Ed25519.
reason-tls-unknown-name = إعداد TLS لدى المستقبِل لا يعرف الاسم { $about } (unrecognized_name).
fix-tls-unknown-name = اضبط TLS لديه لهذا الاسم، أو استعمل الاسم المضبوط له.
reason-tls-client = يطلب { $about } شهادة عميل، وليس لهذه البوابة شهادة.
fix-tls-client = اجعله يقبل الويب هوك بدونها؛ فالترويسة X-Signature تثبت المرسل.
reason-tls-internal = وقع لدى { $about } خطأ داخلي في مصافحة TLS (internal_error).
fix-tls-internal = تحقق من سجله؛ بعض الخوادم تقول ذلك حين لا شهادة لديها لهذا الاسم.
reason-tls-denied = يرفض { $about } هذا الجهاز في مصافحة TLS (access_denied).
fix-tls-denied = تحقق من قواعده وسجله.
reason-tls-http1 = لا يقدّم { $about } بروتوكول HTTP/1.1 عبر TLS (no_application_protocol).
fix-tls-http1 = فعّل هناك HTTP/1.1.
reason-tls-alert = قطع المستقبِل مصافحة TLS ({ $about }).
fix-tls-alert = تحقق من سجله.
reason-tls-rules = يخالف { $about } قواعد TLS.
fix-tls-rules = حدّث مكتبة TLS لدى المستقبِل؛ وابحث عن وسيط بينهما.
reason-tls-damaged = ما يرسله { $about } هو TLS تالف.
fix-tls-damaged = ابحث عما يغيّره في الطريق: وسيط أو مضاد فيروسات أو شبكة معطوبة.
reason-tls-closed = أغلق { $about } الاتصال أثناء مصافحة TLS.
fix-tls-closed = تحقق من سجله وشهادته ومن أن المنفذ يتكلم HTTPS.
reason-tls-silent = يقبل { $about } الاتصال لكنه لا يجيب عبر TLS خلال 10 ثوانٍ.
fix-tls-silent = تحقق أن المنفذ يتكلم HTTPS وأن المستقبِل ليس مثقلًا.
reason-dns = لم يُعثر على الاسم { $about }.
fix-dns = تحقق من اسم الخادم في العنوان ومن DNS في الشبكة.
reason-closed = أغلق المستقبِل الاتصال بلا جواب.
fix-closed = ابحث في سجله عن انهيار؛ ويحدث هذا أيضًا حين يكون في العنوان http:// والمنفذ HTTPS، أو العكس.
reason-not-allowed = لا يُسمح بـ http:// العادي إلى { $about }.
fix-not-allowed = استعمل https://، أو اسمح بأكثر في الإعدادات تحت «{ set-webhooks-allow_http }».
reason-no-network = الجهاز بلا شبكة.
fix-no-network = التسليم ينتظر ولا يستهلك إعادة.
reason-not-http = الرد ليس HTTP، وهو يبدأ بـ «{ $about }».
fix-not-http = تحقق من المنفذ في عنوان URL لخطاف الويب.
reason-not-http-tls = { $about } يستخدم TLS على هذا المنفذ، وليس HTTP دون تشفير.
fix-not-http-tls = اجعل عنوان URL لخطاف الويب يبدأ بـ https://.
reason-device-descriptors = لم تبقَ على هذا الجهاز واصفات ملفات لإنشاء اتصال.
fix-device-descriptors = التسليم ينتظر ولا يستهلك إعادة. أغلق العملاء الذين يُبقون الاتصالات مفتوحة، أو ارفع حد الملفات المفتوحة.
reason-device-memory = لم تبقَ على هذا الجهاز ذاكرة لإنشاء اتصال.
fix-device-memory = التسليم ينتظر ولا يستهلك إعادة. أنهِ البرامج الأخرى على هذا الجهاز.
reason-device-ports = لم تبقَ على هذا الجهاز منافذ محلية لإنشاء اتصال.
fix-device-ports = التسليم ينتظر ولا يستهلك إعادة. أنهِ البرامج التي تشغل اتصالات كثيرة.
reason-device-permission = هذا الجهاز لا يسمح للبوابة بفتح الاتصالات.
fix-device-permission = التسليم ينتظر ولا يستهلك إعادة. اسمح للبوابة بالوصول إلى الشبكة في إعدادات النظام أو جدار الحماية.
reason-offline = الجهاز بلا إنترنت، فلا يُرسل شيء.
fix-offline = صِل الجهاز، أو أوقف «{ set-webhooks-internet_required }» للمستقبِلين في الشبكة المحلية.
