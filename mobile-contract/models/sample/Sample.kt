// Reads every message and document of fixtures/ into the models that are generated from openapi.yaml, writes it again, and
// compares: so models and fixtures agree, and nothing is lost on the way through an app.
package naober.sample

import java.io.File
import kotlin.system.exitProcess
import kotlinx.serialization.KSerializer
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import naober.models.*

// An app reads with ignoreUnknownKeys = true; here an unknown field is a mistake. What is absent stays absent when it is
// written, and the cookie of a first pull is null: it must be there.
private val json = Json { encodeDefaults = false; explicitNulls = true }

// The model of each kind of document, as x-kinds in openapi.yaml has them.
val kinds: Map<String, KSerializer<*>> = mapOf(
    "me" to Profile.serializer(),
    "book" to Helper.serializer(),
    "membership" to Membership.serializer(),
    "community" to Community.serializer(),
    "request" to Request.serializer(),
    "address" to HeldAddress.serializer(),
    "message" to Message.serializer(),
    "offer" to Offer.serializer(),
    "referral" to Referral.serializer(),
    "task" to Task.serializer(),
    "outcome" to Outcome.serializer(),
)

private val requests: Map<String, KSerializer<*>> = mapOf(
    "POST /sync/v1/push" to Push.serializer(),
    "POST /sync/v1/pull" to Pull.serializer(),
    "POST /sync/v1/bundle" to Bundle.serializer(),
    "POST /v1/tokens" to Refresh.serializer(),
)

private val answers: Map<String, KSerializer<*>> = mapOf(
    "POST /sync/v1/push" to PushAnswer.serializer(),
    "POST /sync/v1/pull" to PullAnswer.serializer(),
    "GET /sync/v1/config" to SyncConfig.serializer(),
    "POST /sync/v1/events/ticket" to EventsTicket.serializer(),
    "POST /sync/v1/keys" to DeviceKeys.serializer(),
    "POST /sync/v1/bundle" to BundleReply.serializer(),
)

private var read = 0
private val wrong = mutableListOf<String>()

fun main(args: Array<String>) {
    val fixtures = File(args[0])
    each(fixtures, "documents") { name, file -> document(name, file.getValue("key").jsonPrimitive.content, file.getValue("value")) }
    each(fixtures, "messages", ::message)
    each(fixtures, "exchanges") { name, file -> file.getValue("steps").jsonArray.forEach { step(name, it.jsonObject) } }
    wrong.forEach(::println)
    println("$read values were read and written again, ${wrong.size} wrong")
    if (read < 300 || wrong.isNotEmpty()) exitProcess(1)
}

private fun each(fixtures: File, folder: String, check: (String, JsonObject) -> Unit) {
    val files = File(fixtures, folder).listFiles { file -> file.extension == "json" }.orEmpty().sorted()
    if (files.size < 10) wrong += "only ${files.size} files in $folder"
    for (file in files) check("$folder/${file.name}", json.parseToJsonElement(file.readText()).jsonObject)
}

private fun message(name: String, file: JsonObject) {
    val call = file.getValue("call").jsonPrimitive.content
    val answer = file.getValue("answer").jsonObject
    val status = answer.getValue("status").jsonPrimitive.content
    file["request"]?.let { if (!status.startsWith("4")) same(name, requests.getValue(call), it) } // what is refused may have no shape
    answer["body"]?.let { body(name, call, answer, it.jsonObject) }
}

private fun body(name: String, call: String, answer: JsonObject, body: JsonObject) {
    val refusal = answer["type"]?.jsonPrimitive?.content == "application/problem+json"
    when {
        refusal -> same(name, Problem.serializer(), body)
        "error" in body -> same(name, VersionRefused.serializer(), body)
        else -> same(name, answers.getValue(call), body)
    }
    body["patch"]?.jsonArray?.forEach {
        val op = json.decodeFromJsonElement(PatchOp.serializer(), it)
        if (op.op == PatchOp.Op.put) document(name, op.key.orEmpty(), op.value ?: JsonObject(emptyMap()))
    }
}

private fun document(name: String, key: String, value: JsonElement) {
    val model = kinds[key.substringBefore('/')]
    if (model == null) wrong += "$name: no model for $key" else same("$name: $key", model, value)
}

// step checks the answers of the service in one step of an exchange. Names such as $ulid.writer1 are texts here.
private fun step(name: String, step: JsonObject) {
    step["sync"]?.jsonArray?.forEach {
        val call = it.jsonObject
        call["meanwhile"]?.jsonArray?.forEach { inner -> step(name, inner.jsonObject) }
        val answer = call["answer"] as? JsonObject ?: return@forEach
        val body = answer["body"]?.jsonObject ?: return@forEach
        val short = body.toString().let { text -> "\$each" in text || "\$check" in text }
        if ("from" in call || short) return@forEach
        body(name, if ("pull" in call) "POST /sync/v1/pull" else "POST /sync/v1/push", answer, body)
    }
}

private fun <T> same(name: String, model: KSerializer<T>, value: JsonElement) {
    read++
    try {
        val written = json.encodeToJsonElement(model, json.decodeFromJsonElement(model, value))
        if (!equal(written, value)) wrong += "$name: $value became $written"
    } catch (e: IllegalArgumentException) { // what cannot be read, too
        wrong += "$name: ${e.message}"
    }
}

// equal compares as JSON does: 1 and 1.0 are the same number.
private fun equal(a: JsonElement, b: JsonElement): Boolean = when {
    a is JsonObject && b is JsonObject -> a.keys == b.keys && a.all { (name, value) -> equal(value, b.getValue(name)) }
    a is JsonArray && b is JsonArray -> a.size == b.size && a.indices.all { equal(a[it], b[it]) }
    a is JsonPrimitive && b is JsonPrimitive -> a == b || (!a.isString && !b.isString && a.doubleOrNull != null && a.doubleOrNull == b.doubleOrNull)
    else -> a == b
}
