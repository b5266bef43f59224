package dev.simrelay.receiving

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.provider.Telephony.Sms.Intents
import dev.simrelay.App

/** An MMS waits at the operator. Only who holds BROADCAST_WAP_PUSH, the phone's own telephony, can say so. */
class WapPushReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action != Intents.WAP_PUSH_RECEIVED_ACTION) return
        val fact = Extras.wapPush(intent) ?: return
        App.of(context).intake.take(fact, goAsync())
    }
}
