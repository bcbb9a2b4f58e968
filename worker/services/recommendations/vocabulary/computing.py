"""Skills of computing, telecommunications and design, one a line: the first name stands for all."""

SKILLS = """
Python
Java
JavaScript | JS | ECMAScript
TypeScript | TS
C
C++
C#
.NET | .NET Core | Dot Net
ASP.NET
PHP
Ruby
Ruby on Rails | Rails
Go | Golang
Rust
Swift
Kotlin
Scala
Dart
R
VBA | Visual Basic
COBOL
SQL
PL/SQL
T-SQL
HTML | HTML5
CSS | CSS3
React
React Native
Angular
Vue.js | Vue
Next.js
Nuxt.js
Node.js | Node
Express.js
NestJS | Nest.js
Svelte
jQuery
Bootstrap
Tailwind CSS | Tailwind
WordPress
Drupal
PrestaShop
Magento
Django
Flask
FastAPI
Laravel
Symfony
CodeIgniter
Spring Boot | Spring Framework
Hibernate
Flutter
Android
iOS
Firebase
PostgreSQL | Postgres
MySQL
MariaDB
Oracle
SQL Server | Microsoft SQL Server | MSSQL
MongoDB
Redis
Elasticsearch
SQLite
Kafka | Apache Kafka
RabbitMQ
Celery
GraphQL
API REST | REST API | API RESTful
Microservices
Git
GitHub
GitLab
Docker
Kubernetes | K8s
Terraform
Ansible
Jenkins
CI/CD | Intégration continue | Continuous integration
DevOps
AWS | Amazon Web Services
Azure | Microsoft Azure
Google Cloud | GCP | Google Cloud Platform
Prometheus
Grafana
Linux
Unix
Ubuntu
Windows Server
Windows
Active Directory
VMware
Hyper-V
Cisco
MikroTik
Fortinet
TCP/IP
VPN
Pare-feu | Firewall
SIEM
Tests d'intrusion | Pentest | Penetration testing
Cybersécurité | Sécurité informatique | Cyber security | Information security
ISO 27001
Administration système | Administration des systèmes | System administration
Administration réseau | Administration des réseaux | Network administration
Support informatique | Support utilisateur | IT support | Helpdesk
Maintenance informatique
GLPI
LTE
Fibre optique | Optical fibre | Optical fiber
Faisceaux hertziens
IP/MPLS | MPLS
Machine learning | Apprentissage automatique
Deep learning
Intelligence artificielle | Artificial intelligence
Science des données | Data science
Analyse de données | Analyse des données | Data analysis | Data analytics
Visualisation de données | Data visualization
Big data
ETL
Spark | Apache Spark
Hadoop
Pandas
NumPy
TensorFlow
PyTorch
Power BI
Tableau Software
Qlik | QlikView | Qlik Sense
SPSS
Stata
SAS
KoboToolbox | Kobo
Statistiques | Statistics
Scrum
Agile | Méthode agile | Méthodes agiles | Agilité
Kanban
Jira
UML
Merise
Gestion de projet | Conduite de projet | Management de projet | Project management
MS Project | Microsoft Project
PMP
Figma
Adobe XD
Photoshop | Adobe Photoshop
Illustrator | Adobe Illustrator
InDesign | Adobe InDesign
Canva
UX | Expérience utilisateur | User experience
UI | Interface utilisateur | User interface
Prototypage | Prototyping
"""
